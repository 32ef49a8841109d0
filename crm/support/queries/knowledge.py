"""Find what is known already, by words of either language, or by what somebody is just typing."""

from __future__ import annotations

import math
import re
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import bindparam, case, func, or_, select

from crm.analytics.proportions import wilson
from crm.catalogue.models import Product
from crm.database import frame
from crm.session import ScopedSession, get
from crm.staff.models import User
from crm.support.models import Article, ArticleState, ArticleVersion, Case, CaseArticle

MOST_TERMS = 40
"""Of a text that is being typed."""
BEFORE, AFTER = 50, 130
"""Characters shown around the place found."""
_LATIN = re.compile(r"[a-z0-9][a-z0-9\-_.]*[a-z0-9]")
_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_MARKUP = re.compile(r"[#*`>]+")
_COMMON = frozenset(
    re.findall(
        r"\S+",
        """and are but can did does for from had has have her him his how its may not our out she that the their them then there
        they this was were what when where which who will with would you your
        我们 你们 他们 什么 怎么 这个 那个 没有 可以 已经 一个""",
    )
)
"""Words that tell nothing of what a text is about."""


def article(session: ScopedSession, article_id: int) -> Article:
    return get(session, Article, article_id)


def articles(
    session: ScopedSession,
    search: str = "",
    *,
    state: str | None = ArticleState.PUBLISHED,
    category: str | None = None,
    language: str | None = None,
    author_id: int | None = None,
    product_id: int | None = None,
    page: int = 1,
    size: int = 50,
) -> pd.DataFrame:
    """All words must occur -> id, name, category, language, state, edition, author, product, published_at, updated_at, version,
    links (cases it was looked at for), helped, not_helped; those with a word in the name first, then the newest."""
    words = words_of(search)
    wanted = (state, category, language, author_id, product_id)
    query = _listed().where(*_fitting(words, *wanted))
    named = [case((func.lower(Article.name).contains(word, autoescape=True), 1), else_=0) for word in words]
    order = [sum(named[1:], named[0]).desc()] if named else []
    found = query.order_by(*order, Article.updated_at.desc(), Article.id).limit(size).offset((page - 1) * size)
    return _with_links(session, frame(session, found))


def category_counts(
    session: ScopedSession,
    search: str = "",
    *,
    state: str | None = ArticleState.PUBLISHED,
    language: str | None = None,
    author_id: int | None = None,
    product_id: int | None = None,
) -> dict[str, int]:
    """How many `articles` there are of each category, by its name; "" = those without one."""
    fits = _fitting(words_of(search), state, None, language, author_id, product_id)
    query = select(Article.category, func.count(Article.id)).where(*fits).group_by(Article.category)
    return {name or "": count for name, count in session.execute(query.order_by(Article.category))}


def found_in(session: ScopedSession, article_ids: list[int], search: str) -> dict[int, str]:
    """Where in each text the first of the words stands; nothing where only the name or a keyword has them."""
    words = words_of(search)
    texts = session.execute(select(Article.id, Article.text).where(Article.id.in_(article_ids)))
    places = {one: _place(text, words) for one, text in texts}
    return {one: place for one, place in places.items() if place}


def words_of(search: str) -> list[str]:
    return search.casefold().split()


def _fitting(
    words: list[str],
    state: str | None,
    category: str | None,
    language: str | None,
    author_id: int | None,
    product_id: int | None,
) -> list[Any]:
    asked = [Article.search_text.contains(word, autoescape=True) for word in words]
    asked += [func.coalesce(Article.category, "") == category] if category is not None else []
    pairs = (
        (Article.state, state),
        (Article.language, language),
        (Article.author_id, author_id),
        (Article.product_id, product_id),
    )
    return asked + [column == value for column, value in pairs if value is not None]


def _place(text: str, words: list[str]) -> str:
    """About a line of the text around the first word that it holds."""
    plain = " ".join(_MARKUP.sub(" ", text).split())
    at = min((place for word in words if (place := plain.casefold().find(word)) >= 0), default=-1)
    if at < 0:
        return ""
    start, end = max(at - BEFORE, 0), at + AFTER
    return ("…" if start else "") + plain[start:end].strip() + ("…" if end < len(plain) else "")


def categories(session: ScopedSession) -> list[str]:
    """Of published articles, by name."""
    query = select(Article.category).where(Article.category.is_not(None), Article.state == ArticleState.PUBLISHED)
    return list(session.scalars(query.distinct().order_by(Article.category)))


def products_told_of(session: ScopedSession) -> dict[int, str]:
    """Products that articles are about, by name."""
    query = select(Product.id, Product.name).where(Product.id.in_(select(Article.product_id)))
    return {row.id: row.name for row in session.execute(query.order_by(Product.name))}


def most_useful(session: ScopedSession, limit: int = 5) -> pd.DataFrame:
    """Published articles that helped -> columns of `articles`, and sure: the least share that helped; best first."""
    said = func.count(CaseArticle.helped)
    helped = func.sum(case((CaseArticle.helped.is_(True), 1), else_=0))
    query = select(CaseArticle.article_id, helped.label("helped"), said.label("said")).join(Article)
    query = query.where(Article.state == ArticleState.PUBLISHED).group_by(CaseArticle.article_id).having(helped > 0)
    rows = frame(session, query).astype("int64")
    sure = dict(zip(rows["article_id"].tolist(), wilson(rows["helped"], rows["said"])[0].tolist(), strict=True))
    best = sorted(sure, key=lambda one: (-sure[one], one))[:limit]
    shown = _with_links(session, frame(session, _listed().where(Article.id.in_(best))))
    told = shown.assign(sure=shown["id"].map(sure).astype("float64"))
    return told.sort_values(["sure", "id"], ascending=[False, True], ignore_index=True)


def suggest(session: ScopedSession, text: str, *, product_id: int | None = None, limit: int = 5) -> pd.DataFrame:
    """Published articles that share words with a text -> columns of `articles`, and score; best first. Rare words weigh more,
    words in the name twice, an article of the same product a little."""
    terms = terms_of(text)
    if not terms:
        return _with_links(session, frame(session, _listed().limit(0))).assign(score=pd.Series(dtype="float64"))
    holds = [Article.search_text.contains(term, autoescape=True) for term in terms]
    flags = [case((hit, 1), else_=0) for hit in holds]
    published = Article.state == ArticleState.PUBLISHED
    query = select(Article.id, Article.name, Article.product_id, *flags).where(published, or_(*holds))
    rows = session.execute(query).all()
    total = session.scalar(select(func.count(Article.id)).where(published)) if rows else None
    found = _scored(rows, terms, total or 1, product_id)
    best = sorted(found, key=lambda one: (-found[one], one))[:limit]
    shown = _with_links(session, frame(session, _listed().where(Article.id.in_(best))))
    ids = shown["id"].tolist()
    told = shown.assign(score=np.array([found[one] for one in ids], dtype="float64"))
    return told.iloc[np.argsort([best.index(one) for one in ids])].reset_index(drop=True)


def terms_of(text: str) -> list[str]:
    """Words of Latin letters from three letters on, and pairs of Chinese characters, each once, in the order of the text."""
    plain = text.casefold()
    found = [(match.start(), match.group()) for match in _LATIN.finditer(plain) if len(match.group()) >= 3]
    for match in _CHINESE.finditer(plain):
        run = match.group()
        found += [(match.start() + place, run[place : place + 2]) for place in range(len(run) - 1)]
    ordered = dict.fromkeys(term for _, term in sorted(found) if term not in _COMMON)
    return list(ordered)[:MOST_TERMS]


def _scored(rows: Any, terms: list[str], total: int, product_id: int | None) -> dict[int, float]:
    holding = [sum(row[3 + number] for row in rows) for number in range(len(terms))]
    weights = [math.log(1 + total / count) if count else 0.0 for count in holding]
    found = {}
    for row in rows:
        name = row.name.casefold()
        score = sum(weight * (1 + (term in name)) for term, weight, hit in zip(terms, weights, row[3:], strict=True) if hit)
        found[row.id] = score * (1.2 if product_id is not None and row.product_id == product_id else 1.0)
    return found


def versions(session: ScopedSession, article_id: int) -> pd.DataFrame:
    """Newest first -> number, name, text, by, created_at."""
    query = select(
        ArticleVersion.number, ArticleVersion.name, ArticleVersion.text, User.name.label("by"), ArticleVersion.created_at
    )
    query = query.outerjoin(User, User.id == ArticleVersion.by_id).where(ArticleVersion.article_id == article_id)
    return frame(session, query.order_by(ArticleVersion.number.desc()))


def ties_of(session: ScopedSession, article_id: int) -> dict[str, Any]:
    """What hangs on an article -> author, product, links, helped, not_helped, may_change, may_publish."""
    found = get(session, Article, article_id)
    row = _with_links(session, frame(session, _listed().where(Article.id == article_id))).iloc[0]
    counts = {name: int(row[name]) for name in ("links", "helped", "not_helped")}
    names = {name: None if pd.isna(row[name]) else str(row[name]) for name in ("author", "product")}
    may = {"may_change": found.changeable_by(session.actor, session), "may_publish": session.actor.may("publish", "support")}
    return counts | names | may


def articles_of(session: ScopedSession, case_id: int) -> pd.DataFrame:
    """Linked to a case -> id (of the link), article_id, name, state, helped."""
    return frame(session, _linked().params(case=case_id))


@cache
def _linked() -> Any:
    """To the `case`. Most cases have no article: who sees the case is weighed only for those that have one."""
    query = select(CaseArticle.id, CaseArticle.article_id, Article.name, Article.state, CaseArticle.helped)
    query = query.join(Article, Article.id == CaseArticle.article_id).where(CaseArticle.case_id == bindparam("case"))
    return query.where(CaseArticle.case_id.in_(select(Case.id).where(Case.id == bindparam("case")))).order_by(CaseArticle.id)


def cases_of(session: ScopedSession, article_id: int) -> pd.DataFrame:
    """The cases it was looked at for, as far as the actor sees them -> id, number, subject, state, helped."""
    query = select(Case.id, Case.number, Case.subject, Case.state, CaseArticle.helped)
    query = query.select_from(CaseArticle).join(Case, Case.id == CaseArticle.case_id)
    return frame(session, query.where(CaseArticle.article_id == article_id).order_by(Case.id.desc()))


@cache
def _listed() -> Any:
    return (
        select(
            Article.id,
            Article.name,
            Article.category,
            Article.language,
            Article.state,
            Article.edition,
            User.name.label("author"),
            Product.name.label("product"),
            Article.published_at,
            Article.updated_at,
            Article.version,
        )
        .outerjoin(User, User.id == Article.author_id)
        .outerjoin(Product, Product.id == Article.product_id)
    )


def _with_links(session: ScopedSession, found: pd.DataFrame) -> pd.DataFrame:
    """Counts over all cases, whoever may see them."""
    counts = (
        func.count(CaseArticle.id).label("links"),
        func.sum(case((CaseArticle.helped.is_(True), 1), else_=0)).label("helped"),
        func.sum(case((CaseArticle.helped.is_(False), 1), else_=0)).label("not_helped"),
    )
    query = select(CaseArticle.article_id, *counts).where(CaseArticle.article_id.in_([int(one) for one in found["id"]]))
    known = {} if found.empty else {row[0]: row[1:] for row in session.execute(query.group_by(CaseArticle.article_id))}
    told = np.array([known.get(one, (0, 0, 0)) for one in found["id"].tolist()], dtype="int64").reshape(-1, len(counts))
    return found.assign(**{count.name: told[:, place] for place, count in enumerate(counts)})
