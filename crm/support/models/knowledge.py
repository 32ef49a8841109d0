"""What is known already: articles with their versions, and the cases that they helped."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from crm.access import Actor, PartOf, Shared, was
from crm.database import DERIVED, Code, Fact, Name, Record
from crm.support.models.cases import Case


class ArticleState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class ArticleLanguage(StrEnum):
    EN = "en"
    ZH = "zh"


class Article(Record, Shared):
    """Seen by everybody; a draft is its author's, what is published is kept by those who may publish."""

    __tablename__ = "article"
    __table_args__ = (Index("ix_article_state", "state", "category"),)

    name: Mapped[str] = mapped_column(Name)
    text: Mapped[str] = mapped_column(Text)
    category: Mapped[str | None] = mapped_column(Name)
    language: Mapped[str] = mapped_column(String(2), default=ArticleLanguage.ZH)
    keywords: Mapped[str | None] = mapped_column(String(300))
    """Further words by which it is found."""
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"), index=True)
    state: Mapped[str] = mapped_column(Code, default=ArticleState.DRAFT, active_history=True)
    edition: Mapped[int] = mapped_column(default=1)
    """The number of the newest version."""
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    published_at: Mapped[dt.datetime | None]
    search_text: Mapped[str] = mapped_column(Text, default="", info=DERIVED)
    """Name, keywords, category and text in small letters."""

    @property
    def title(self) -> str:
        return self.name

    def set_search_text(self) -> None:
        parts = (self.name, self.keywords, self.category, self.text)
        self.search_text = " ".join(part for part in parts if part).casefold()

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        if actor.may("publish", "support"):
            return True
        mine = was(self, "author_id") == actor.user_id and self.author_id == actor.user_id
        draft = was(self, "state") == ArticleState.DRAFT and self.state == ArticleState.DRAFT
        return bool(actor.grant("support").change) and mine and draft


class ArticleVersion(Fact, PartOf):
    """An article as it was saved."""

    __tablename__ = "article_version"
    __table_args__ = (UniqueConstraint("article_id", "number"),)
    PARENT = "article"

    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(Name)
    text: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int]

    article: Mapped[Article] = relationship()


class CaseArticle(Record, PartOf):
    """An article that was looked at for a case, and whether it helped."""

    __tablename__ = "case_article"
    __table_args__ = (
        UniqueConstraint("case_id", "article_id"),
        {
            "info": {
                "says": {("uq_case_article_case_id_article_id", ("case_id", "article_id")): "This article is linked already."}
            }
        },
    )
    PARENT = "article"
    DISPOSABLE = True

    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), index=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("service_case.id"))
    helped: Mapped[bool | None]
    by_id: Mapped[int]

    article: Mapped[Article] = relationship()

    def changeable_by(self, actor: Actor, session: Session) -> bool:
        """Whoever works on the case."""
        with session.no_autoflush:
            case = session.get(Case, self.case_id)
        return case is not None and case.changeable_by(actor, session)
