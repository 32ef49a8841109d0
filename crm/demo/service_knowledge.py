"""What the service desks of the demo company know: the articles of service_articles.toml, and the cases that they helped."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

from sqlalchemy import select

from crm.catalogue.models import Product
from crm.demo.people import MACHINERY, MUSIC, SERVICES, Company
from crm.demo.service_cases import Draft
from crm.demo.writing import Book
from crm.support.models import Article, ArticleState, ArticleVersion, CaseArticle

_ARTICLES: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "service_articles.toml").read_text(encoding="utf-8"))[
    "article"
]
_AUTHORS = {MACHINERY: ("agent4", "agent5", "lead6", "agent6"), SERVICES: ("agent", "agent2", "agent3"), MUSIC: ("lead3",)}
_LINKED, _HELPED = 0.5, 0.72
"""Share of the cases for which the article was opened, and of those the share that it helped."""


def add_articles(book: Book, company: Company, drafts: list[Draft], end: dt.datetime) -> None:
    products = dict(book.session.execute(select(Product.name, Product.id)).all())
    rows, versions = [], []
    for number, one in enumerate(_ARTICLES):
        row, told = _article(book, company, one, end - dt.timedelta(520 - 17 * number), products)
        rows.append(row)
        versions.append(told)
    ids = book.insert(Article, rows)
    book.insert(ArticleVersion, [row | {"article_id": one} for one, told in zip(ids, versions, strict=True) for row in told])
    _link(book, drafts, ids, [row["published_at"] for row in rows])


def _article(
    book: Book, company: Company, one: dict[str, Any], at: dt.datetime, products: dict[str, int]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """-> the row, and its versions: some were shorter at first."""
    author = company.members[book.random.choice(_AUTHORS[one["board"]])]
    state = one.get("state", ArticleState.PUBLISHED.value)
    texts = [one["first"], one["text"]] if "first" in one else [one["text"]]
    about = {name: one[name] for name in ("name", "text", "category", "language", "keywords")}
    made = Article(**about)
    made.set_search_text()
    product = next((products[name] for name in products if name.startswith(one.get("product", "-"))), None)
    versions = [{"number": number, "name": one["name"], "text": text, "by_id": author.id} for number, text in enumerate(texts, 1)]
    facts = {"product_id": product, "state": state, "edition": len(texts), "author_id": author.id}
    published = None if state == ArticleState.DRAFT else at
    return about | facts | {"published_at": published, "search_text": made.search_text}, versions


def _link(book: Book, drafts: list[Draft], ids: list[int], published: list[dt.datetime | None]) -> None:
    random, rows = book.random, []
    for one in drafts:
        for article_id, article, since in zip(ids, _ARTICLES, published, strict=True):
            fits = article.get("topic") == one.topic.key and article["language"] == one.spoken
            if not fits or since is None or since.timestamp() > one.opened_at or one.merged_into or random.random() > _LINKED:
                continue
            helped = None if one.is_open or random.random() < 0.15 else random.random() < _HELPED
            rows.append({"case_id": one.id, "article_id": article_id, "helped": helped, "by_id": one.plan.owner.id})
    book.insert(CaseArticle, rows)
