"""Rows of cells -> where the header is, what the columns are called, and which rows do not fit them."""

import re
from collections import Counter
from collections.abc import Sequence

from crm.exchange.errors import ExchangeError

Row = Sequence[str | None]
SEARCHED_ROWS = 20
DATA_LIKE = re.compile(r"[-+(]?[¥￥$£€]?\s*\d[\d.,:/\-\s年月日TZ]*\)?%?|\S+@\S+\.\S+")
YEAR = re.compile(r"(19|20)\d\d")


def header_position(rows: Sequence[Row]) -> int:
    """Where the header stands among the first rows: the first that is nearly as wide as most; titles above it are narrower."""
    widths = [sum(1 for cell in row if cell) for row in rows[:SEARCHED_ROWS]]
    filled = Counter(width for width in widths if width)
    if not filled:
        return 0
    usual = max(filled, key=lambda width: filled[width])
    return next(place for place, width in enumerate(widths) if width >= 0.6 * usual)


def looks_like_header(rows: Sequence[Row]) -> bool:
    """Whether the first row names the columns: it does, unless it holds what the rows below it hold."""
    if len(rows) < 2:
        return True
    first, below = rows[0], rows[1:SEARCHED_ROWS]
    named = repeated = 0
    for place, cell in enumerate(first):
        values = [row[place] for row in below if place < len(row) and row[place]]
        like_data = sum(1 for value in values if value and DATA_LIKE.fullmatch(value))
        if not cell or like_data * 2 <= len(values):
            continue
        if DATA_LIKE.fullmatch(cell) and not YEAR.fullmatch(cell):
            repeated += 1
        else:
            named += 1
    return named >= repeated


def column_names(header: Row) -> list[str]:
    """The header's cells as unique names; a cell without text gets its place. A name that appears twice is refused."""
    names = [" ".join((cell or "").split()) or f"column {place}" for place, cell in enumerate(header, start=1)]
    for name, count in Counter(names).items():
        if count > 1:
            raise ExchangeError("Column {column} appears twice.", column=name)
    return names
