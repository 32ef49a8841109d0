"""Write down what is known, publish it, link it to cases."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints
from sqlalchemy import select

from crm.catalogue.models import Product
from crm.customers.commands.details import Line
from crm.database import now
from crm.editing import Input, change
from crm.errors import Invalid
from crm.pipeline.queries.deals import moment
from crm.session import ScopedSession, get
from crm.support.commands.cases import Called
from crm.support.models import Article, ArticleLanguage, ArticleState, ArticleVersion, Case, CaseArticle


class ArticleInput(Input):
    name: Called
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100_000)] = Field(
        json_schema_extra={"long": True}
    )
    category: Line | None = None
    language: ArticleLanguage = ArticleLanguage.ZH
    keywords: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] | None = Field(
        None, description="Further words by which it is found."
    )
    product_id: int | None = None


def write_article(session: ScopedSession, input: ArticleInput) -> Article:
    """A draft of the actor."""
    _check(session, input)
    added = Article(**input.model_dump(), author_id=session.actor.user_id, state=ArticleState.DRAFT, edition=1)
    added.set_search_text()
    session.add(added)
    session.flush()
    _keep_version(session, added)
    return added


def edit_article(session: ScopedSession, article_id: int, input: ArticleInput, version: int) -> Article:
    """A change of name or text is a new version; the old ones stay."""
    _check(session, input)
    found = get(session, Article, article_id)
    before = (found.name, found.text)
    change(session, found, input.model_dump(), version)
    found.set_search_text()
    if (found.name, found.text) != before:
        found.edition += 1
        session.flush()
        _keep_version(session, found)
    session.flush()
    return found


def publish_article(session: ScopedSession, article_id: int) -> Article:
    session.actor.must("publish", "support")
    found = get(session, Article, article_id)
    if found.state == ArticleState.PUBLISHED:
        raise Invalid("This article is published already.")
    found.state, found.published_at = ArticleState.PUBLISHED, moment(session)
    session.flush()
    return found


def retire_article(session: ScopedSession, article_id: int) -> Article:
    """No longer found and suggested; the cases it helped keep it."""
    session.actor.must("publish", "support")
    found = get(session, Article, article_id)
    found.state = ArticleState.RETIRED
    session.flush()
    return found


def remove_draft(session: ScopedSession, article_id: int) -> None:
    """What was never published may go; anything else is retired."""
    found = get(session, Article, article_id)
    if found.state != ArticleState.DRAFT or found.published_at is not None:
        raise Invalid("Only a draft can be thrown away: retire the article.")
    found.deleted_at = now()
    session.flush()


def link_article(session: ScopedSession, case_id: int, article_id: int, helped: bool | None = None) -> CaseArticle:
    """It was looked at for this case; whether it helped can be said now or later."""
    get(session, Case, case_id), get(session, Article, article_id)
    known = select(CaseArticle).where(CaseArticle.case_id == case_id, CaseArticle.article_id == article_id)
    found = session.scalars(known).first()
    if found is None:
        found = CaseArticle(case_id=case_id, article_id=article_id, by_id=session.actor.user_id)
        session.add(found)
    found.helped = helped if helped is not None else found.helped
    session.flush()
    return found


def unlink_article(session: ScopedSession, link_id: int) -> None:
    session.delete(get(session, CaseArticle, link_id))
    session.flush()


def _keep_version(session: ScopedSession, article: Article) -> None:
    told = {"number": article.edition, "name": article.name, "text": article.text}
    session.add(ArticleVersion(article_id=article.id, by_id=session.actor.user_id, **told))
    session.flush()


def _check(session: ScopedSession, input: ArticleInput) -> None:
    if input.product_id is not None:
        get(session, Product, input.product_id)
