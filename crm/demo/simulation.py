"""Opportunities that nobody had, drawn from rates that are known: what the funnel, the win model and the forecast find in
them can be held against the truth.

A deal passes its stages one by one. How long it stays is drawn from the stage alone; whether it then goes on, back or is lost
depends on the stage, on its source, its rep, its size, and on whether it was left alone there. What people tell of it (amount,
close date) misses what comes by known distributions.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.int64]

PASSING = (0.86, 0.84, 0.85, 0.83, 0.88, 0.78, 0.97)
"""By stage: the chance to go on of a deal of average facts that is not left alone, when it does not go back."""
BACK = (0.0, 0.0, 0.05, 0.08, 0.04, 0.06, 0.0)
"""By stage: the share of stays that end with a step back."""
MEDIAN_DAYS = (14, 20, 24, 28, 25, 21, 10)
"""By stage: half of all stays are over after so many days."""
SPREAD = 0.55
"""Of the logarithm of a stay."""
SOURCES = ("exhibition", "referral", "telephone", "partner", "website")
SOURCE_SHARES = (0.28, 0.18, 0.24, 0.12, 0.18)
SOURCE_EFFECTS = (0.1, 0.75, -0.45, 0.3, -0.25)
"""In log odds, at every stage."""
REP_EFFECTS = (0.4, -0.3, 0.1, 0.45, -0.1, -0.5, 0.25)
AMOUNT_EFFECT = -0.22
"""For each standard deviation of the logarithm of the amount: large ones are lost more often."""
LEFT_ALONE, LEFT_ALONE_EFFECT = 0.22, -1.3
"""Share of stays in which nobody calls, and what that does to going on, in log odds."""
MEDIAN_AMOUNT, AMOUNT_SPREAD = 70_000.0, 1.0
KEPT_AMOUNT, RATIO_MEDIAN, RATIO_SPREAD = 0.5, 0.94, 0.18
"""Share of deals whose amount never changes; of the others the final amount as a share of the first."""
EARLY_DAYS, LATE_SHAPE, LATE_SCALE = 8.0, 2.0, 12.0
"""A deal closes a gamma-distributed number of days later than first told, less EARLY_DAYS."""
REASONS = ("price", "competitor", "budget", "timing", "no_decision", "product", "no_need", "relationship", "other")
REASON_SHARES = (0.24, 0.2, 0.13, 0.12, 0.11, 0.08, 0.06, 0.04, 0.02)
WIN_REASONS = ("price", "product", "relationship", "service", "delivery", "reference")
TO_A_RIVAL = ("price", "competitor", "product", "relationship")
"""Reasons for which a competitor has won."""
OPEN, WON, LOST = "open", "won", "lost"
NEVER = 10**6
_CALL_EVERY = 9


@dataclass(frozen=True)
class History:
    """Everything that ever happens, to the end of the last deal. Days are counted from `start`.

    deals: index deal; created, source, rep, first_amount, final_amount, amount_day (NEVER: it stays), ended, won, reason, rival,
    due (the day on which it is or would have been won), lift (what its facts do to its chances, log odds).
    stays: deal, position, begin, end, next (position; the last + 1 = won, -1 = lost), left_alone; in order.
    dates: deal, day, expected: what was told as the close date, the first on the first day; in order.
    calls: deal, day."""

    start: dt.date
    deals: pd.DataFrame
    stays: pd.DataFrame
    dates: pd.DataFrame
    calls: pd.DataFrame


@dataclass(frozen=True)
class Known:
    """What is known on a day.

    deals: index deal; created_on, source, rep, state, position, stage_since, closed_on, amount, expected_close_on, category,
    reason, rival, last_activity_on, left_alone (in its present stage).
    events: deal, at, from_position (-1: none), position, state; in order.
    changes: deal, at, field (amount, expected_close_on, forecast_category), before, after; in order.
    calls: deal, happened_on."""

    day: dt.date
    deals: pd.DataFrame
    events: pd.DataFrame
    changes: pd.DataFrame
    calls: pd.DataFrame


# --------------------------------------------------------------------------------------------------------- the truth


def going_on(lift: npt.ArrayLike, position: npt.ArrayLike, left_alone: npt.ArrayLike = False) -> Floats:
    """The chance to go on, when it does not go back."""
    base = np.asarray(PASSING)[np.asarray(position)]
    odds = np.log(base / (1 - base)) + np.asarray(lift) + LEFT_ALONE_EFFECT * np.asarray(left_alone)
    return np.asarray(1 / (1 + np.exp(-odds)))


def conversions(lift: npt.ArrayLike) -> Floats:
    """One row for each deal, one column for each stage: the chance that a deal which came to the stage ever comes further."""
    lifts = np.asarray(lift, dtype=np.float64)
    found = np.empty((lifts.size, len(PASSING)))
    for position, back in enumerate(BACK):
        on = (1 - back) * sum(
            share * going_on(lifts, position, alone) for alone, share in ((True, LEFT_ALONE), (False, 1 - LEFT_ALONE))
        )
        again = back * found[:, position - 1] if position else 0.0
        found[:, position] = on / (1 - again)
    return found


def chances(lift: npt.ArrayLike, position: npt.ArrayLike, left_alone: npt.ArrayLike) -> Floats:
    """To win, for open deals of which one knows whether they are left alone in the stage where they are."""
    ways = conversions(lift)
    place = np.asarray(position)
    rows = np.arange(len(place))
    onwards = np.cumprod(ways[:, ::-1], axis=1)[:, ::-1]
    after = np.column_stack([onwards, np.ones(len(ways))])
    back = np.asarray(BACK)[place]
    on = (1 - back) * going_on(np.asarray(lift), place, left_alone)
    return np.asarray(on * after[rows, place + 1] + back * after[rows, np.maximum(place - 1, 0)])


# --------------------------------------------------------------------------------------------------------- the draw


def draw(count: int, start: dt.date, days: int, seed: int, reps: int = len(REP_EFFECTS)) -> History:
    """So many deals that begin within so many days from `start`, more of them later on."""
    random = np.random.default_rng(seed)
    deals = _facts(random, count, days, reps)
    stays = _stays(random, deals)
    last = stays.groupby("deal").last()
    deals = deals.assign(ended=last["end"], won=last["next"] == len(PASSING))
    deals["due"] = last["end"] + _rest(random, last)
    deals["amount_day"] = _moment(random, deals)
    deals["reason"] = np.where(deals["won"], random.choice(WIN_REASONS, count), random.choice(REASONS, count, p=REASON_SHARES))
    deals["rival"] = np.where(~deals["won"] & deals["reason"].isin(TO_A_RIVAL), random.integers(0, 5, count), -1)
    return History(start, deals, stays, _dates(random, deals), _calls(random, stays))


def _facts(random: np.random.Generator, count: int, days: int, reps: int) -> pd.DataFrame:
    created = np.sort((days * random.random(count) ** 0.85).astype(np.int64))
    source, rep = random.choice(len(SOURCES), count, p=SOURCE_SHARES), random.integers(0, reps, count)
    size = random.standard_normal(count)
    first = np.round(MEDIAN_AMOUNT * np.exp(AMOUNT_SPREAD * size), -2)
    ratio = RATIO_MEDIAN * np.exp(RATIO_SPREAD * random.standard_normal(count))
    final = np.where(random.random(count) < KEPT_AMOUNT, first, np.maximum(np.round(first * ratio, -2), 100))
    lift = np.asarray(SOURCE_EFFECTS)[source] + np.asarray(REP_EFFECTS)[rep % len(REP_EFFECTS)] + AMOUNT_EFFECT * size
    facts = {"created": created, "source": np.asarray(SOURCES)[source], "rep": rep, "lift": lift}
    return pd.DataFrame({**facts, "first_amount": np.maximum(first, 100), "final_amount": final}).rename_axis("deal")


def _length(random: np.random.Generator, position: Days) -> Days:
    """Days in a stage, at least one."""
    drawn = np.asarray(MEDIAN_DAYS)[position] * np.exp(SPREAD * random.standard_normal(position.size))
    return np.maximum(np.round(drawn), 1).astype(np.int64)


def _stays(random: np.random.Generator, deals: pd.DataFrame) -> pd.DataFrame:
    """All deals take their steps together."""
    deal, position = deals.index.to_numpy(), np.zeros(len(deals), dtype=np.int64)
    begin, lift, parts = deals["created"].to_numpy(), deals["lift"].to_numpy(), []
    while deal.size:
        end = begin + _length(random, position)
        alone = random.random(deal.size) < LEFT_ALONE
        on = random.random(deal.size) < going_on(lift[deal], position, alone)
        back = random.random(deal.size) < np.asarray(BACK)[position]
        then = np.where(back, position - 1, np.where(on, position + 1, -1))
        parts.append({"deal": deal, "position": position, "begin": begin, "end": end, "next": then, "left_alone": alone})
        still = (then >= 0) & (then < len(PASSING))
        deal, position, begin = deal[still], then[still], end[still]
    stays = pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True)
    return stays.sort_values(["deal", "begin"], kind="stable", ignore_index=True)


def _rest(random: np.random.Generator, last: pd.DataFrame) -> Days:
    """How long a lost deal would have gone on until it was won."""
    rest = np.zeros(len(last), dtype=np.int64)
    for position in range(len(PASSING)):
        ahead = (last["next"] == -1).to_numpy() & (last["position"].to_numpy() < position)
        rest += np.where(ahead, _length(random, np.full(len(last), position)), 0)
    return rest


def _moment(random: np.random.Generator, deals: pd.DataFrame) -> Days:
    """On which day the amount changes, if it does."""
    life = (deals["ended"] - deals["created"]).to_numpy()
    day = deals["created"].to_numpy() + np.maximum((life * random.uniform(0.2, 0.8, len(deals))).astype(np.int64), 1)
    return np.where((deals["final_amount"] != deals["first_amount"]).to_numpy() & (day < deals["ended"].to_numpy()), day, NEVER)


def _late(random: np.random.Generator, count: int) -> Days:
    return np.round(random.gamma(LATE_SHAPE, LATE_SCALE, count) - EARLY_DAYS).astype(np.int64)


def _dates(random: np.random.Generator, deals: pd.DataFrame) -> pd.DataFrame:
    """The first date, and a later one whenever it has passed and the deal is still open."""
    told = deals["created"].to_numpy()
    expected = np.maximum(deals["due"].to_numpy() - _late(random, len(deals)), told + 7)
    deal, due, ended = deals.index.to_numpy(), deals["due"].to_numpy(), deals["ended"].to_numpy()
    parts = []
    while deal.size:
        parts.append(pd.DataFrame({"deal": deal, "day": told, "expected": expected}))
        again = expected + random.integers(1, 9, deal.size)
        passed = again < ended
        deal, told, due, ended = deal[passed], again[passed], due[passed], ended[passed]
        expected = np.maximum(due - _late(random, deal.size), told + random.integers(7, 15, deal.size))
    return pd.concat(parts, ignore_index=True).sort_values(["deal", "day"], kind="stable", ignore_index=True)


def _calls(random: np.random.Generator, stays: pd.DataFrame) -> pd.DataFrame:
    length = (stays["end"] - stays["begin"]).to_numpy()
    counts = np.where(stays["left_alone"], 0, np.maximum(length // _CALL_EVERY, 1))
    rows = np.repeat(np.arange(len(stays)), counts)
    step = np.arange(rows.size) - np.repeat(np.cumsum(counts) - counts, counts)
    day = stays["begin"].to_numpy()[rows] + np.minimum(
        step * _CALL_EVERY + random.integers(0, _CALL_EVERY, rows.size), length[rows] - 1
    )
    return pd.DataFrame({"deal": stays["deal"].to_numpy()[rows], "day": day})


# ------------------------------------------------------------------------------------------------ what a day knows of it


def known(history: History, day: dt.date) -> Known:
    """Cut at the end of a day."""
    today = (day - history.start).days
    deals = history.deals[history.deals["created"] <= today]
    stays = history.stays[history.stays["begin"] <= today]
    dates = history.dates[history.dates["day"] <= today]
    here, told = stays.groupby("deal").last(), dates.groupby("deal").last()
    over, amended = deals["ended"] <= today, deals["amount_day"] <= today
    calls = history.calls[history.calls["day"] <= today]
    state = np.where(over, np.where(deals["won"], WON, LOST), OPEN)
    facts = pd.DataFrame(
        {
            "created_on": _date(history.start, deals["created"]),
            "source": deals["source"],
            "rep": deals["rep"],
            "state": state,
            "position": here["position"],
            "stage_since": _date(history.start, here["begin"]),
            "closed_on": _date(history.start, deals["ended"]).where(over),
            "amount": deals["final_amount"].where(amended, deals["first_amount"]),
            "expected_close_on": _date(history.start, told["expected"]),
            "category": category(here["position"], deals["rep"]),
            "reason": deals["reason"].where(over),
            "rival": deals["rival"].where(over, -1),
            "last_activity_on": _date(history.start, calls.groupby("deal")["day"].max().reindex(deals.index)),
            "left_alone": here["left_alone"],
        }
    )
    changed = _changes(history, deals[amended], dates, stays)
    happened = pd.DataFrame({"deal": calls["deal"], "happened_on": _date(history.start, calls["day"])}).reset_index(drop=True)
    return Known(day, facts, _events(history, stays, today), changed, happened)


def category(position: pd.Series, rep: pd.Series) -> pd.Series:
    """As the reps set it: some commit with the bid, the others not before it is signed."""
    early = rep % 2 == 0
    commits = (position == len(PASSING) - 1) | (early & (position == len(PASSING) - 2))
    chosen = np.select([commits, position >= 3], ["commit", "best_case"], "pipeline")
    return pd.Series(chosen, index=position.index, dtype="object")


def _date(start: dt.date, days: pd.Series) -> pd.Series:
    return pd.Timestamp(start) + pd.to_timedelta(days, unit="D")


def _at(start: dt.date, days: pd.Series, deal: pd.Series) -> pd.Series:
    """In the office hours, always at the same time for a deal: its moves come in order."""
    return _date(start, days) + pd.to_timedelta(60 + deal * 37 % 480, unit="min")


def _events(history: History, stays: pd.DataFrame, today: int) -> pd.DataFrame:
    entered = stays[["deal", "begin", "position"]].rename(columns={"begin": "day"}).assign(state=OPEN, order=0)
    before = stays.groupby("deal")["position"].shift(1, fill_value=-1)
    entered = entered.assign(from_position=before)
    closed = stays[(stays["end"] <= today) & ~stays["next"].between(0, len(PASSING) - 1)]
    ended = closed[["deal", "end", "position"]].rename(columns={"end": "day"}).assign(from_position=closed["position"], order=1)
    ended["state"] = np.where(closed["next"] == -1, LOST, WON)
    rows = pd.concat([entered, ended], ignore_index=True).sort_values(["deal", "day", "order"], kind="stable", ignore_index=True)
    return rows.assign(at=_at(history.start, rows["day"], rows["deal"]))[["deal", "at", "from_position", "position", "state"]]


def _changes(history: History, amended: pd.DataFrame, dates: pd.DataFrame, stays: pd.DataFrame) -> pd.DataFrame:
    of_amount = pd.DataFrame(
        {"deal": amended.index, "day": amended["amount_day"], "before": amended["first_amount"], "after": amended["final_amount"]}
    ).assign(field="amount")
    before = dates.groupby("deal")["expected"].shift(1)
    moved = dates[before.notna()]
    of_date = pd.DataFrame({"deal": moved["deal"], "day": moved["day"]}).assign(
        before=_date(history.start, before.dropna()), after=_date(history.start, moved["expected"]), field="expected_close_on"
    )
    now = category(stays["position"], stays["deal"].map(history.deals["rep"]))
    then = now.groupby(stays["deal"]).shift(1)
    other = then.notna() & (then != now)
    of_category = pd.DataFrame({"deal": stays["deal"], "day": stays["begin"], "before": then, "after": now})[other]
    parts = [part.astype({"before": object, "after": object}) for part in (of_amount, of_date)]
    rows = pd.concat([*parts, of_category.assign(field="forecast_category")], ignore_index=True)
    rows = rows.sort_values(["deal", "day"], kind="stable", ignore_index=True)
    at = _at(history.start, rows["day"], rows["deal"]) + pd.Timedelta(minutes=5)
    return rows.assign(at=at)[["deal", "at", "field", "before", "after"]]
