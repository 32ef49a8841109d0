"""The apostrophe before a text that a spreadsheet would run as a formula; put on when writing, taken off when reading."""

from typing import Any

import pandas as pd

HARMLESS = r"-\d+(?:[.,]\d+)*"
DANGEROUS = rf"^(?!{HARMLESS}$)('*[=+\-@\t\r\n])"
NEUTRALISED = r"^'('*[=+\-@\t\r\n])"


def neutralise(texts: "pd.Series[Any]") -> "pd.Series[Any]":
    """An apostrophe before = + - @, tab and line end, and before apostrophes before these; a plain negative number stays."""
    return texts.str.replace(DANGEROUS, r"'\1", regex=True)


def restore(texts: "pd.Series[Any]") -> "pd.Series[Any]":
    """The texts as they were before `neutralise`."""
    if not texts.str.startswith("'").any():
        return texts
    return texts.str.replace(NEUTRALISED, r"\1", regex=True)
