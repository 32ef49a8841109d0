"""Tables of customer counts as people paste, upload or type them: which rows, which columns, and what is wrong in which cell."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from string import ascii_uppercase

import pandas as pd

from crm.errors import CrmError, told_of_files
from crm.exchange.numbers import parse_numbers
from crm.exchange.parsing import Fault
from crm.exchange.reading import read_table, sniff

Cells = tuple[tuple[int | None, ...], ...]

NUMBER = re.compile(r"[-+]?\d[\d.,' ]*")
OR_MORE = re.compile(r"\s*(\+|≥|>=|or more|and more|及以上|以上|或以上)\s*")
PASTED = str.maketrans({"，": ",", "；": ";", "\u3000": "\t"})
MOST = 60
"""Rows, and columns, of a table that a person looks at."""


@dataclass(frozen=True)
class Counts:
    """`cells[row][column]`; `rows` and `columns` are how the person calls them. None = an empty cell."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Cells

    @property
    def last_or_more(self) -> bool:
        """Whether the last column is named as "so many or more"."""
        return bool(self.columns) and bool(OR_MORE.search(self.columns[-1]))


@dataclass(frozen=True)
class Mistake:
    """What is wrong in one cell, named as the person sees it."""

    row: str
    column: str
    fault: Fault


def pasted(text: str) -> bytes:
    """What came from the clipboard, as a file: numbers divided by blanks alone are cells too."""
    plain = text.strip("\r\n").translate(PASTED)
    if _is_one_column(plain.splitlines()):
        plain = plain.replace(",", "")
    if not re.search(r"[\t;,|]", plain):
        plain = re.sub(r"(?<=\S) +(?=\S)", "\t", plain)
    return plain.encode()


def read_counts(data: bytes, name: str) -> tuple[Counts, list[Mistake]]:
    """A file -> the counts in it, and the cells that are none. Periods or cohorts become rows, whichever way they were written.

    Errors: CrmError for what is no table, or is too large to be one of totals."""
    with told_of_files():
        table = read_table(data, name, replace(sniff(data, name), has_header=False), limit=MOST + 2)
    texts = [[cell.strip() for cell in row] for row in table.frame.fillna("").to_numpy(dtype=str).tolist()]
    lines = [str(line) for line in table.line_numbers]
    if len(texts) > MOST + 1 or max(map(len, texts)) > MOST + 1:
        raise CrmError("This table is too large for totals: {most} rows and {most} columns at most.", most=MOST)
    head, labels, body = _divided(texts)
    names = head or [_letter(place + (labels is not None)) for place in range(len(body[0]))]
    cells, mistakes = _numbers(body, lines[-len(body) :], names)
    counts = Counts(
        tuple(labels or [str(place + 1) for place in range(len(body))]),
        tuple(head or [str(place) for place in range(len(body[0]))]),
        cells,
    )
    wants_turn = _counts_up(counts.rows) and not (head and _counts_up(counts.columns)) if labels else len(body[0]) == 1
    return (_turned(counts, named=labels is not None) if wants_turn else counts), mistakes


def histogram_mistakes(counts: Counts) -> list[Mistake]:
    """Yearly histograms: every cell is filled, and nobody has less than no customers."""
    return [
        Mistake(row, column, Fault("Fill in a number: 0 where there is nobody.", {}))
        for row, cells in zip(counts.rows, counts.cells, strict=True)
        for column, count in zip(counts.columns, cells, strict=True)
        if count is None
    ]


def survivor_mistakes(counts: Counts) -> list[Mistake]:
    """Survivors of each cohort: they start above 0, never grow, and are empty only after the newest figure."""
    found = []
    for row, cells in zip(counts.rows, counts.cells, strict=True):
        last = max((place for place, count in enumerate(cells) if count is not None), default=0)
        before = None
        for column, count in zip(counts.columns, cells[: last + 1], strict=False):
            if count is None:
                found.append(Mistake(row, column, Fault("Fill in a number: only the end of a row may be empty.", {})))
            elif before is None and count == 0:
                found.append(Mistake(row, column, Fault("A cohort starts with at least one customer.", {})))
            elif before is not None and count > before:
                grown = Fault("{count} after {before}: customers left cannot grow.", {"count": count, "before": before})
                found.append(Mistake(row, column, grown))
            before = count if count is not None else before
    return found


def written(counts: Counts) -> str:
    """The cells for an address: 6230.812.96~6500.700.41"""
    return "~".join(".".join("" if count is None else str(count) for count in row) for row in counts.cells)


def read_written(text: str) -> Cells | None:
    """What `written` wrote, or None for anything else."""
    rows = [row.split(".") for row in text.split("~")]
    widths = {len(row) for row in rows}
    sound = all(cell == "" or (cell.isdecimal() and len(cell) <= 12) for row in rows for cell in row)
    if not text or not sound or len(widths) != 1 or len(rows) > MOST or widths.pop() > MOST:
        return None
    return tuple(tuple(int(cell) if cell else None for cell in row) for row in rows)


# ------------------------------------------------------------------------------------------------------- reading


def _is_one_column(lines: list[str]) -> bool:
    """1,000 above 869: commas between thousands, for as cells the lines would differ in their number."""
    grouped = all(re.fullmatch(r"\D*|\d{1,3}(,\d{3})+|\d+", line.strip()) for line in lines)
    return grouped and len({line.count(",") for line in lines if re.search(r"\d", line)}) > 1


def _divided(texts: list[list[str]]) -> tuple[list[str] | None, list[str] | None, list[list[str]]]:
    """-> names of the columns, names of the rows (None where the table has none), and the cells."""
    has_head = len(texts) > 1 and _is_head(texts[0], texts[1])
    head, body = (texts[0], texts[1:]) if has_head else (None, texts)
    first = [row[0] for row in body]
    named = len(body[0]) > 1 and not (head and _counts_up(head)) and (_names(first) or bool(head and not _number(head[0])))
    if not named:
        return head, None, body
    return head[1:] if head else None, first, [row[1:] for row in body]


def _is_head(row: list[str], below: list[str]) -> bool:
    """Words alone, 0, 1, 2, ..., or a corner that names what stands below it."""
    inside = [cell for cell in (row[1:] if len(row) > 1 else row) if cell]
    words = bool(inside) and not any(_number(cell) for cell in inside)
    corner = len(row) > 1 and not _number(row[0]) and (row[0] == "" or _number(OR_MORE.sub("", below[0])))
    return words or corner or _counts_up(row) or _counts_up(row[1:])


def _names(cells: list[str]) -> bool:
    """A first column that is not counts: words, or years and ages one after the other."""
    return any(cell and not _number(cell) for cell in cells) or (len(cells) > 1 and _successive(cells) is not None)


def _counts_up(cells: list[str] | tuple[str, ...]) -> bool:
    """0, 1, 2, ... and perhaps "or more" at the end."""
    return len(cells) > 1 and _successive(cells) == 0


def _successive(cells: list[str] | tuple[str, ...]) -> int | None:
    """The first of numbers that follow each other, else None."""
    plain = [*cells[:-1], OR_MORE.sub("", cells[-1])]
    if not all(cell.isdecimal() for cell in plain):
        return None
    numbers = [int(cell) for cell in plain]
    return numbers[0] if numbers == list(range(numbers[0], numbers[0] + len(numbers))) else None


def _number(cell: str) -> bool:
    return bool(NUMBER.fullmatch(cell))


def _numbers(body: list[list[str]], lines: list[str], names: list[str]) -> tuple[Cells, list[Mistake]]:
    texts = pd.Series([cell for row in body for cell in row], dtype="str")
    filled = texts[texts != ""].reset_index()
    parsed = parse_numbers("", filled[0], 0)
    parsed.refuse(filled[0], (parsed.values < 0).fillna(False).to_numpy(dtype=bool), "{value} is less than {minimum}.", minimum=0)
    values = dict(zip(filled["index"], parsed.values, strict=True))
    width = len(names)
    places = {int(filled["index"][at]): fault for at, fault in parsed.faults.items()}
    mistakes = [Mistake(lines[place // width], names[place % width], fault) for place, fault in sorted(places.items())]
    known = [None if pd.isna(values.get(place)) else int(values[place]) for place in range(len(texts))]
    return tuple(tuple(known[start : start + width]) for start in range(0, len(known), width)), mistakes


def _turned(counts: Counts, named: bool) -> Counts:
    """Rows as columns; a single column without a name is the first period."""
    columns = counts.rows if named else tuple(str(place) for place in range(len(counts.rows)))
    rows = counts.columns if len(counts.columns) > 1 or named else ("1",)
    return Counts(rows, columns, tuple(zip(*counts.cells, strict=True)))


def _letter(place: int) -> str:
    """A, B, ... as a sheet names its columns."""
    before, last = divmod(place, len(ascii_uppercase))
    return (_letter(before - 1) if before else "") + ascii_uppercase[last]
