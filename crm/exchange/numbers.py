"""Numbers as people write them: 1,234.50, 1.234,50, ￥１２３, (5.00), 12-.

The decimal mark is learnt for a whole column, never guessed for one value.
"""

from typing import Any

import numpy as np
import pandas as pd

from crm.exchange.parsing import Parsed, Question, mask_of

SCALE_PLACES = 4
MOST_DIGITS = 14
NUMBER = (
    r"^(?P<open>\()?\s*(?P<sign>[-+])?\s*[¥$£€]?\s*(?P<inner>-)?\s*"
    r"(?P<body>\d[\d.,' ]*|[.,]\d+)\s*[¥$£€元]?\s*(?P<trail>-)?\s*(?P<close>\))?$"
)


def parse_numbers(column: str, texts: "pd.Series[str]", places: int, decimal_mark: str | None = None) -> Parsed:
    """Texts -> Int64 scaled by 10 ** places (4 for decimals: 12.5 is 125000; 0 for whole numbers).

    Without `decimal_mark` it is learnt from the values of the column that can be read in one way only. If none tells, values
    such as 1,234 are refused and the question is returned.
    """
    parts = _normalise(texts).str.extract(NUMBER)
    negatives = sum(parts[name].eq("-").fillna(False).astype(int) for name in ("sign", "inner", "trail"))
    negatives = negatives + parts["open"].notna().astype(int)
    body = parts["body"].str.strip().str.replace(r"(?<=\d)[ '](?=\d{3}(?!\d))", "", regex=True)
    malformed = (
        mask_of(body.isna() | body.str.contains("[ ']"))
        | (negatives > 1).to_numpy()
        | (parts["open"].isna() != parts["close"].isna()).to_numpy()
    )
    mark, undecided = _decimal_marks(body.mask(malformed), places, decimal_mark)
    parsed = _scale(texts, body.mask(malformed | undecided), mark, places)
    parsed.values = parsed.values.mask((negatives == 1).to_numpy(), -parsed.values)
    parsed.refuse(texts, undecided, "It is not clear whether the mark in {value} separates decimals or thousands.")
    parsed.refuse(texts, mask_of(parsed.values.isna()), "{value} is not a number.")
    if undecided.any():
        example = str(texts[undecided].iloc[0])
        parsed.question = Question(
            column, "decimal_mark", "Which mark separates the decimals in {column}, for example in {value}?", {"value": example}
        )
    return parsed


def _normalise(texts: "pd.Series[str]") -> "pd.Series[str]":
    if not texts.str.isascii().all():
        texts = texts.str.normalize("NFKC")
    return texts.str.replace("[−–‒﹣]", "-", regex=True).str.replace(r"[’\s]", " ", regex=True)


def _decimal_marks(
    body: "pd.Series[str]", places: int, decimal_mark: str | None
) -> tuple["pd.Series[str]", "np.ndarray[Any, Any]"]:
    """The decimal mark of each value, and which values stay undecided."""
    if decimal_mark is not None:
        return pd.Series(decimal_mark, index=body.index, dtype="str"), np.zeros(len(body), dtype=bool)
    clear, ambiguous = _clear_marks(body, places)
    evidence = set(clear.dropna())
    if len(evidence) == 1:
        return clear.fillna(evidence.pop()), np.zeros(len(body), dtype=bool)
    return clear.mask(~ambiguous & clear.isna().to_numpy(), "."), ambiguous


def _clear_marks(body: "pd.Series[str]", places: int) -> tuple["pd.Series[str]", "np.ndarray[Any, Any]"]:
    """The decimal mark where a value shows it by itself, and which values could be read in two ways."""
    marks = body.str.replace(r"\d", "", regex=True)
    last = marks.str[-1]
    other = last.map({".": ",", ",": "."})
    both = mask_of(body.str.fullmatch(r"\d{1,3}(?:,\d{3})+\.\d*|\d{1,3}(?:\.\d{3})+,\d*"))
    grouped = mask_of(body.str.fullmatch(r"\d{1,3}(?:(?:,\d{3}){2,}|(?:\.\d{3}){2,})"))
    ambiguous = mask_of(body.str.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}"))
    if places == 0:
        whole = ambiguous & ~mask_of(body.str.endswith("000"))
        grouped, ambiguous = grouped | whole, ambiguous & ~whole
    single = mask_of(marks.str.len() == 1) & ~ambiguous & ~grouped
    clear = pd.Series(pd.NA, index=body.index, dtype="str")
    return clear.mask(both | single, last).mask(grouped, other), ambiguous


def _scale(texts: "pd.Series[str]", body: "pd.Series[str]", mark: "pd.Series[str]", places: int) -> Parsed:
    """Digits and mark -> scaled whole numbers; too many decimals and too large numbers are refused."""
    comma = mask_of(mark == ",")
    english = body.mask(comma, body.str.translate(str.maketrans(",.", ".,")))
    parts = english.str.extract(r"^(?P<whole>\d{1,3}(?:,\d{3})+|\d*)(?:\.(?P<decimals>\d*))?$")
    whole = parts["whole"].str.replace(",", "", regex=False).str.lstrip("0")
    decimals = parts["decimals"].fillna("").str.rstrip("0")
    too_fine = mask_of(decimals.str.len() > places)
    too_large = mask_of(whole.str.len() > MOST_DIGITS)
    digits = ("0" + whole + decimals.str.pad(places, side="right", fillchar="0")).mask(too_fine | too_large)
    parsed = Parsed(digits.astype("Int64"))
    if places == 0:
        parsed.refuse(texts, too_fine, "{value} is not a whole number.")
    else:
        parsed.refuse(texts, too_fine, "{value} has more than {places} decimals.", places=places)
    parsed.refuse(texts, too_large, "{value} is too large.")
    return parsed
