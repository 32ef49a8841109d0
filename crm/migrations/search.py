"""The index that finds customers by any three letters: FTS5 trigrams on SQLite, pg_trgm on PostgreSQL.

Where the database has neither, there is no index and the search reads the table.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from crm.table_versions import VERSIONS

INDEX = "customer_search"
WORDS = "customer_words"
"""The trigrams in the index: a search of two characters asks for all that begin with them."""

_SQLITE = (
    f"CREATE VIRTUAL TABLE {INDEX} USING fts5(search_text, content='customer', content_rowid='id', tokenize='trigram')",
    f"""CREATE TRIGGER {INDEX}_added AFTER INSERT ON customer BEGIN
        INSERT INTO {INDEX}(rowid, search_text) VALUES (new.id, new.search_text);
    END""",
    f"""CREATE TRIGGER {INDEX}_removed AFTER DELETE ON customer BEGIN
        INSERT INTO {INDEX}({INDEX}, rowid, search_text) VALUES ('delete', old.id, old.search_text);
    END""",
    f"""CREATE TRIGGER {INDEX}_changed AFTER UPDATE OF search_text ON customer WHEN old.search_text IS NOT new.search_text BEGIN
        INSERT INTO {INDEX}({INDEX}, rowid, search_text) VALUES ('delete', old.id, old.search_text);
        INSERT INTO {INDEX}(rowid, search_text) VALUES (new.id, new.search_text);
    END""",
    f"INSERT INTO {INDEX}({INDEX}) VALUES ('rebuild')",
    f"CREATE VIRTUAL TABLE {WORDS} USING fts5vocab('{INDEX}', 'row')",
)

_POSTGRES = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    f"CREATE INDEX {INDEX} ON customer USING gin (search_text gin_trgm_ops)",
)


def create(connection: Connection) -> bool:
    """-> was it created? False where the database lacks what it needs."""
    try:
        with connection.begin_nested():
            for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRES:
                connection.exec_driver_sql(statement)
    except DBAPIError:
        return False
    return True


def is_of_a_table(item: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
    """For comparisons with the models, which know neither the index nor the versions of the tables."""
    return not (name or "").startswith((INDEX, WORDS, VERSIONS.name))
