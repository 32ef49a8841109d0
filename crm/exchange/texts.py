"""Texts, codes chosen from a list, and yes or no."""

import unicodedata
from collections.abc import Mapping
from typing import Any

import pandas as pd

from crm.exchange.parsing import Parsed, mask_of

# Marks of writing direction and joints without width, which other programs put round what one copies from them.
INVISIBLE_EDGES = "\ufeff\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069"
FORBIDDEN = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd\u202a-\u202e\u2066-\u2069]"
EXCEL_ERRORS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!")
YES = ("true", "t", "yes", "y", "1", "是", "对", "真", "有", "√")
NO = ("false", "f", "no", "n", "0", "否", "错", "假", "无", "×")
SHOWN_CHOICES = 12


def trimmed(texts: "pd.Series[str]") -> "pd.Series[str]":
    """Without white space and invisible marks at the edges; NA where nothing is left."""
    plain = texts.str.strip()
    if not plain.str.isascii().all():
        plain = plain.str.strip(INVISIBLE_EDGES).str.strip()
    return plain.mask(plain == "")


def same_spelling(text: str) -> str:
    """What two spellings of one word have in common: width, case and outer white space do not count."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def parse_texts(texts: "pd.Series[str]", max_length: int | None) -> Parsed:
    """Texts -> the same texts; control characters and texts over the limit are refused, never cut."""
    parsed = Parsed(texts)
    hidden = texts.str.extract(f"({FORBIDDEN})")[0]
    for character in hidden.dropna().unique():
        code = f"U+{ord(character):04X}"
        parsed.refuse(texts, mask_of(hidden == character), "The text holds the invisible character {code}.", code=code)
    if max_length is not None:
        lengths = texts.str.len()
        for length in lengths[lengths > max_length].unique().tolist():
            too_long = mask_of(lengths == length)
            parsed.refuse(
                texts, too_long, "The text has {length} characters; the limit is {limit}.", length=int(length), limit=max_length
            )
    return parsed


def parse_choices(texts: "pd.Series[str]", choices: Mapping[str, tuple[str, ...]]) -> Parsed:
    """Texts -> codes of `choices`, which gives for each code the spellings that are accepted besides the code itself."""
    codes = {same_spelling(spelling): code for code, spellings in choices.items() for spelling in spellings}
    codes |= {same_spelling(code): code for code in choices}
    found = [codes.get(same_spelling(text)) for text in texts]
    parsed = Parsed(pd.Series(pd.array(found, dtype="str"), index=texts.index))
    names = [(spellings or (code,))[0] for code, spellings in choices.items()]
    listed = ", ".join(names[:SHOWN_CHOICES]) + (", …" if len(names) > SHOWN_CHOICES else "")
    parsed.refuse(texts, parsed.values.isna().to_numpy(), "{value} is not one of: {choices}.", choices=listed)
    return parsed


def parse_booleans(texts: "pd.Series[str]") -> Parsed:
    """Texts -> True or False."""
    answers: dict[str, Any] = dict.fromkeys(YES, True) | dict.fromkeys(NO, False)
    found = [answers.get(same_spelling(text)) for text in texts]
    parsed = Parsed(pd.Series(pd.array(found, dtype="boolean"), index=texts.index))
    parsed.refuse(texts, parsed.values.isna().to_numpy(), "{value} is neither yes nor no.")
    return parsed
