"""CSV: the separator, and the rows with the lines they stand on."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO

from crm.exchange.errors import ExchangeError
from crm.exchange.streams import not_a_table

SEPARATORS = (",", ";", "\t", "|")
SAMPLED_CHARACTERS = 64 * 1024
LONGEST_CELL = 1024 * 1024
CONTROL = re.compile(r"[\x01-\x08\x0e-\x19\x1b-\x1f\x7f]")
FEW_CONTROLS = 3
END = "\x1c end of file \x1c"


def sample_rows(stream: BinaryIO, encoding: str, only_tabs: bool) -> tuple[str, list[list[str]]]:
    """The separator, and the first rows as it divides them."""
    with io.TextIOWrapper(stream, encoding=encoding, newline="", errors="replace") as text:
        sample = text.read(SAMPLED_CHARACTERS)
        if "\0" in sample or _looks_binary(sample):
            raise not_a_table()
        stated = _stated_separator(sample.split("\n", 1)[0])
        if not sample.strip():
            raise ExchangeError("The file is empty.")
        if len(sample) == SAMPLED_CHARACTERS and "\n" in sample:
            sample = sample[: sample.rindex("\n") + 1]
    candidates = [stated] if stated else ["\t"] if only_tabs else SEPARATORS
    tables = {separator: _rows(sample, separator) for separator in candidates}
    best = max(tables, key=lambda separator: _regularity(tables[separator]))
    return best, tables[best]


def _looks_binary(sample: str) -> bool:
    return len(CONTROL.findall(sample)) > max(FEW_CONTROLS, len(sample) // 50)


def _stated_separator(first_line: str) -> str | None:
    """What Excel's own first line says, such as sep=; which is no row."""
    line = first_line.strip('\r\n\ufeff"')
    return line[4] if line[:4].lower() == "sep=" and len(line) == 5 else None


def _rows(sample: str, separator: str) -> list[list[str]]:
    try:
        rows = list(csv.reader(io.StringIO(sample, newline=""), delimiter=separator))
    except csv.Error:
        return []
    return [row for row in rows if any(row) and not (len(row) <= 2 and "".join(row).lower().startswith("sep="))]


def _regularity(rows: list[list[str]]) -> tuple[bool, bool, float, int]:
    """More than one column, the first row as wide as most, most rows equally wide, many columns: in this order."""
    widths = Counter(map(len, rows))
    if not widths:
        return False, False, 0.0, 0
    usual = max(widths, key=lambda width: (widths[width], width))
    return usual > 1, len(rows[0]) == usual, round(widths[usual] / len(rows), 2), usual


def read_rows(stream: BinaryIO, encoding: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """(line on which the row starts, cells) for each row that is not empty."""
    csv.field_size_limit(LONGEST_CELL)
    with io.TextIOWrapper(stream, encoding=encoding, newline="") as text:
        reader = csv.reader(chain(text, [END]), delimiter=separator)
        line = 1
        try:
            for row in reader:
                if row and row[-1].endswith(END):
                    break
                if any(row) and not (line == 1 and _stated_separator(separator.join(row))):
                    yield line, row
                line = reader.line_num + 1
        except UnicodeDecodeError as error:
            raise ExchangeError(
                "From line {line} the file is not written in {encoding}.", line=line, encoding=encoding
            ) from error
        except csv.Error as error:
            raise ExchangeError(
                "In line {line} a cell is longer than {limit} characters: is a quotation mark missing?",
                line=line,
                limit=LONGEST_CELL,
            ) from error
    if row != [END]:
        raise ExchangeError("The quotation mark opened in line {line} is never closed.", line=line)
