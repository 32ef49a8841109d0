"""Hostile texts in every text column that people fill: found in the tables, so that a new column is among them by itself."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Column, String, select, update

from crm import tables
from crm.database import engine

SHORT = '"><img src=x onerror=__xss=1>$e$'
LONG = (
    "<img src=x onerror=__xss=1></title><script>__xss=1</script>"
    "[press](javascript:__xss=1) ![i](http://evil.test/i.png) :material/bug_report: $e$ :red[z9] &lt;q7&gt;"
)
LONGER = LONG + (
    "\n# head9\n- item9\n<svg onload=__xss=1>\n<a href='javascript:__xss=1'>k</a> <javascript:__xss=1>\n"
    "| a | b |\n|---|---|\n<iframe src='http://evil.test/'></iframe><style>@import 'http://evil.test/c.css'</style>\n"
    '\'); URL="javascript:__xss=1" \u202egnp.exe {{constructor}} ${1} {x} %s \\u003cimg src=x\\u003e\n' + "W" * 3000
)

CODES = {
    *("action", "area", "record_type", "subject_type", "key", "kind", "colour", "measure", "target", "page", "role", "state"),
    *("category", "topic", "format", "outcome", "level", "stage", "source", "segment", "life_cycle", "arm", "influence", "side"),
    *("product_type", "diagnosis", "model", "zone", "direction", "method", "sex", "purpose", "period", "language", "media_type"),
    *("channel", "reason", "forecast_category", "registration", "close_reason", "threat", "attitude", "complaint_class"),
    *("priority", "severity", "clock", "what", "from_state", "to_state", "subject_kind", "field", "education", "marital_status"),
    *("asset_rating", "contribution_rating", "currency", "rating", "item", "nurture_plan", "credit_grade", "pool", "place"),
}
"""Names of columns of 40 letters or fewer that hold one of a few words of the product."""
KEPT = {"sha256", "token_hash", "ticket_hash", "password_hash", "name_key", "phone_key", "search_text", "token"}
"""What the product itself writes: hashes and keys of the search."""
CODES_ALSO = {
    ("user", "username"),
    *(("notice", "topic"), ("notice", "key"), ("saved_view", "page"), ("pool_event", "explanation"), ("lead", "score_reasons")),
}
LOGS = {"audit_entry", "model_run", "sign_in_ticket", "credential", "auth_session"}


def fillable() -> list[Column[Any]]:
    return [column for table in tables.metadata.sorted_tables if table.name not in LOGS for column in table.c if _fills(column)]


def _fills(column: Column[Any]) -> bool:
    if not isinstance(column.type, String) or isinstance(column.type, JSON) or column.name in KEPT:
        return False
    short = (column.type.length or 10**9) <= 40
    return not (short and column.name in CODES) and (column.table.name, column.name) not in CODES_ALSO


def hostile(column: Column[Any], number: int) -> str:
    """As long as the column takes; the number in front keeps names apart."""
    most = getattr(column.type, "length", None) or 10**9
    text = next((text for text in (LONGER, LONG, SHORT) if len(text) + 6 <= most), SHORT)
    return f"{number} {text}"[:most]


def plant() -> int:
    """-> how many cells were written, past every check of a form: what an import or an older version may have let in."""
    written = 0
    with engine().begin() as connection:
        for column in fillable():
            key = column.table.c.id
            for number in connection.execute(select(key)).scalars().all():
                connection.execute(update(column.table).where(key == number).values({column.name: hostile(column, number)}))
                written += 1
        _plant_custom(connection)
    return written


def _plant_custom(connection: Any) -> None:
    """Own fields, whose values stand in JSON."""
    for table in tables.metadata.sorted_tables:
        if "custom" in table.c:
            connection.execute(update(table).values(custom={"shoe_size": LONG}))
