"""What the director's screen says of a period, in the reader's words: the same on the page and on the sheet that is sent."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from crm.targets.queries.standing import Standing
from crm.words import label, say
from crm.words.formats import percent, short_money

MADE, LEFT_OPEN = 0.9, 0.5
"""The chance from which a period is as good as made; below the other it will rather be missed."""


SHOWN = 8
"""Parts in the map: more would not fit."""


def answer(told: Standing, currency: str) -> str:
    """Will the period do, and who is the gap."""
    if told.base is None:
        return say("{amount} so far this {period}; without a target nobody knows whether that will do", **_sums(told, currency))
    if told.p50 is None:
        return say(
            "{share} of the target of this {period} is reached; too little is known to look ahead", **_sums(told, currency)
        )
    sentence = _over(told) if told.day >= told.end else _ahead(told)
    gap = worst(told)
    return say("{sentence}; {name} is the gap", sentence=sentence, name=gap) if gap else sentence


def _over(told: Standing) -> str:
    base, off = told.base or 0.0, _off(told, told.actual)
    if told.actual >= base:
        return say("The {period} ends {off} above its target", period=period_word(told), off=off)
    return say("The {period} ends {off} below its target", period=period_word(told), off=off)


def _ahead(told: Standing) -> str:
    chance, values = told.chance or 0.0, {"period": period_word(told), "off": _off(told, told.p50 or 0.0)}
    if chance >= MADE:
        return say("The {period} is as good as made, probably {off} above its target", **values)
    if chance >= LEFT_OPEN:
        return say("The {period} can be made: the chance is {chance}", chance=percent(chance, 0), **values)
    return say("The {period} will probably be missed by {off}", **values)


def _off(told: Standing, value: float) -> str:
    return percent(abs(value - (told.base or 0.0)) / (told.base or 1.0), 0)


def worst(told: Standing) -> str | None:
    """The part that will miss most of its own target."""
    missed = told.parts[told.parts["gap"] > 0]
    return str(missed.iloc[0]["subject"]) if len(missed) else None


def _sums(told: Standing, currency: str) -> dict[str, str]:
    share = percent(told.share, 0)
    return {"amount": short_money(told.actual, currency), "period": period_word(told), "share": share}


def period_word(told: Standing) -> str:
    return label(told.period, of="period").lower()


def map_answer(told: Standing) -> str:
    """Who reached the last full period, and who stays behind."""
    frame = told.periods
    done = frame[frame["share"].notna() & (pd.to_datetime(frame["ends_on"]) <= pd.Timestamp(told.day))]
    if done.empty:
        return say("Attainment by {kind}: no period with a target is over yet", kind=_parts_word(told))
    last = done[done["starts_on"] == done["starts_on"].max()]
    title = period_title(last.iloc[0]["starts_on"], str(last.iloc[0]["period"]))
    made = int((last["share"] >= 1).sum())
    behind = done.groupby("subject")["share"].mean().sort_values()
    values = {"made": made, "count": len(last), "period": title}
    if behind.iloc[0] >= 1:
        return say("{made} of {count} made {period}; all are above their targets on average", **values)
    return say(
        "{made} of {count} made {period}; {name} reaches {share} on average",
        name=str(behind.index[0]),
        share=percent(float(behind.iloc[0]), 0),
        **values,
    )


def _parts_word(told: Standing) -> str:
    kind = "person" if told.parts.empty else str(told.parts.iloc[0]["subject_kind"])
    return label(kind, of="subject_kind").lower()


def way_answer(told: Standing, currency: str) -> str:
    if told.p50 is None:
        return say("{amount} so far", amount=short_money(told.actual, currency))
    if told.day >= told.end:
        return say("{amount} came in", amount=short_money(told.actual, currency))
    values = {name: short_money(getattr(told, name), currency) for name in ("p10", "p50", "p90")}
    if told.missing:
        return say("{p50} is likely by {end}, between {p10} and {p90}", end=day_of(told.end), **values)
    return say("{p50} is likely by {end}; the target is reached already", end=day_of(told.end), **values)


def day_of(day: dt.date) -> str:
    return f"{day:%m-%d}"


def period_title(start: dt.date, period: str) -> str:
    """Of a month or quarter, short: 1998-05, 1998 Q2."""
    return f"{start:%Y-%m}" if period == "month" else f"{start.year} Q{(start.month - 1) // 3 + 1}"


def column_title(start: dt.date, period: str) -> str:
    """Still shorter, above a narrow column; January names its year."""
    if period == "month":
        return f"{start:%m}<br>{start:%Y}" if start.month == 1 else f"{start:%m}"
    return f"Q{(start.month - 1) // 3 + 1}<br>{start:%Y}"


__all__ = ["SHOWN", "answer", "column_title", "day_of", "map_answer", "period_title", "period_word", "way_answer", "worst"]
