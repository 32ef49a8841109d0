"""Many service cases for the large company: events, words, and what customers said of them afterwards."""

from __future__ import annotations

import datetime as dt
from hashlib import sha256
from typing import Any

import numpy as np
import pandas as pd
from numpy.random import Generator

from crm.access import Role
from crm.bulk import bulk_insert
from crm.demo.names import western_people
from crm.session import ScopedSession
from crm.staff.models import OrgUnit, UnitKind, User
from crm.support.commands import seed_policies
from crm.support.models import Case, CaseComment, CaseEvent, FeedbackInvitation, Problem, SurveyAnswer

DESKS, AGENTS = 8, 3
"""Service desks of a board; agents of a desk."""
PROBLEMS = 40
CAUSES = tuple(f"Cause {number:02}" for number in range(1, 13))
KINDS = {"fault": 0.45, "inquiry": 0.25, "complaint": 0.15, "new_demand": 0.08, "return": 0.07}
CLASSES = {"product_quality": 0.5, "service_quality": 0.35, "department": 0.15}
PRIORITIES = {"critical": 0.04, "high": 0.16, "normal": 0.6, "low": 0.2}
CHANNELS = {"phone": 0.4, "email": 0.3, "message": 0.2, "website": 0.1}
PACE = {"critical": 0.2, "high": 0.5, "normal": 1.0, "low": 2.0}
"""How long a case takes beside a normal one."""
MARKS = (0.05, 0.07, 0.15, 0.38, 0.35)
STAYS_OPEN, OF_DAYS = 0.1, 365
"""Share of the cases of so many days that nobody has solved yet."""
PROMISED = 24 * 3600
"""Working seconds; three in ten hours are working hours."""
LEAVES = {"solved", "closed"}


def add_cases(
    session: ScopedSession, random: Generator, base: pd.DataFrame, products: pd.DataFrame, count: int, today: dt.date, days: int
) -> None:
    """base: customers with id, team_id, board_id; products: product_id."""
    seed_policies(session)
    now = pd.Timestamp(today, tz="UTC") + pd.Timedelta(hours=16)
    story = _story(random, _about(session, random, base, products, count), now, days)
    events = _events(random, story, now)
    last = events.drop_duplicates("case", keep="last").set_index("case")["state"]
    ids = bulk_insert(session, Case, _rows(story.assign(state=last), now))
    events = events.assign(case_id=ids.to_numpy()[events["case"]]).drop(columns="case")
    bulk_insert(session, CaseEvent, events)
    bulk_insert(session, CaseComment, _comments(random, story, ids, now))
    _ask(session, random, story.assign(case_id=ids, state=last), now)


def _about(session: ScopedSession, random: Generator, base: pd.DataFrame, products: pd.DataFrame, count: int) -> pd.DataFrame:
    """What each case is about, and whose it is."""
    desks = _hire(session, sorted(base["board_id"].unique()))
    customers = base.iloc[random.integers(0, len(base), count)].reset_index(drop=True)
    agents = desks.iloc[
        customers["board_id"].map(desks.groupby("board_id")["first"].first()) + random.integers(0, DESKS * AGENTS, count)
    ]
    problems = [Problem(name=f"Known problem {number}") for number in range(1, PROBLEMS + 1)]
    session.add_all(problems)
    session.flush()
    kind = _drawn(random, KINDS, count)
    complains = kind == "complaint"
    known = np.array([one.id for one in problems])[random.integers(0, PROBLEMS, count)]
    return pd.DataFrame(
        {
            "board_id": customers["board_id"],
            "customer_id": customers["id"],
            "team_id": agents["team_id"].to_numpy(),
            "owner_id": agents["owner_id"].to_numpy(),
            "kind": kind,
            "complaint_class": pd.Series(_drawn(random, CLASSES, count)).where(complains),
            "responsible_unit_id": customers["team_id"].astype("Int64").where(complains),
            "priority": _drawn(random, PRIORITIES, count),
            "channel": _drawn(random, CHANNELS, count),
            "product_id": pd.Series(products["product_id"].to_numpy()[random.integers(0, 30, count)]).astype("Int64"),
            "cause": pd.Series(np.array(CAUSES)[(random.random(count) ** 2 * len(CAUSES)).astype(int)]).where(
                random.random(count) < 0.8
            ),
            "problem_id": pd.Series(known).astype("Int64").where(random.random(count) < 0.06),
        }
    )


def _hire(session: ScopedSession, boards: list[Any]) -> pd.DataFrame:
    """-> owner_id, team_id, board_id, first (row of the board's first agent)."""
    names = iter(western_people()[::-1])
    rows: list[dict[str, Any]] = []
    for board in boards:
        first = len(rows)
        for number in range(1, DESKS + 1):
            desk = OrgUnit(name=f"Service {board}.{number}", kind=UnitKind.DEPARTMENT, parent_id=int(board))
            session.add(desk)
            session.flush()
            for place in range(1, AGENTS + 1):
                agent = User(username=f"agent{board}.{number}.{place}", name=next(names), role=Role.AGENT, unit_id=desk.id)
                session.add(agent)
                session.flush()
                rows.append({"owner_id": agent.id, "team_id": desk.id, "board_id": board, "first": first})
    return pd.DataFrame(rows)


def _drawn(random: Generator, shares: dict[str, float], count: int) -> np.ndarray[Any, Any]:
    return random.choice(list(shares), count, p=list(shares.values()))


def _story(random: Generator, about: pd.DataFrame, now: pd.Timestamp, days: int) -> pd.DataFrame:
    """When each was opened, answered and solved, also where that is still to come; in order of opening."""
    count = len(about)
    minutes = np.sort(random.integers(0, days * 24 * 60, count))
    opened = now - pd.Timedelta(days=days) + pd.to_timedelta(minutes, unit="min")
    pace = about["priority"].map(PACE).to_numpy()
    answered = opened + pd.to_timedelta((random.lognormal(0.3, 1.0, count) * pace * 3600).round(), unit="s")
    solved = answered + pd.to_timedelta((random.lognormal(3.6, 1.5, count) * pace * 3600).round(), unit="s")
    waits = (random.random(count) < STAYS_OPEN) & (opened > now - pd.Timedelta(days=OF_DAYS))
    solved = solved.where(~waits, now + pd.Timedelta(days=1))
    closed = solved + pd.to_timedelta(random.integers(1, 5, count), unit="D")
    return about.assign(opened_at=opened, answered_at=answered, solved_at=solved, closed_at=closed)


def _events(random: Generator, story: pd.DataFrame, now: pd.Timestamp) -> pd.DataFrame:
    """Five or six each: opened, taken, perhaps waiting for the customer once or twice, solved, closed."""
    rounds = random.choice([0, 1, 2], len(story), p=[0.4, 0.4, 0.2])
    parts = [_event(story, "opened", "new", story["opened_at"]), _event(story, "state", "in_progress", story["answered_at"])]
    span = story["solved_at"] - story["answered_at"]
    for number, (asked, back) in enumerate(((0.2, 0.4), (0.6, 0.8)), start=1):
        some = story[rounds >= number]
        for state, share in (("waiting_customer", asked), ("in_progress", back)):
            parts.append(_event(some, "state", state, some["answered_at"] + (span.loc[some.index] * share).dt.round("s")))
    parts += [_event(story, "state", state, story[f"{state}_at"]) for state in ("solved", "closed")]
    events = pd.concat(parts)
    return events[events["at"] <= now].sort_values(["case", "at"], kind="stable", ignore_index=True)


def _event(story: pd.DataFrame, what: str, state: str, at: pd.Series[Any]) -> pd.DataFrame:
    told = story[["priority", "owner_id", "team_id"]].assign(case=story.index, at=at, what=what, state=state)
    return told.assign(by_id=story["owner_id"])


def _rows(story: pd.DataFrame, now: pd.Timestamp) -> pd.DataFrame:
    count, is_open = len(story), ~story["state"].isin(LEAVES)
    nobody = is_open & (story.index % 5 == 0)
    known = {name: story[name].where(story[name] <= now) for name in ("answered_at", "solved_at", "closed_at")}
    worked = (known["solved_at"] - story["opened_at"]).dt.total_seconds() * 0.3
    return story.assign(
        **known,
        number=[f"SC{number:06}" for number in range(1, count + 1)],
        subject=[f"Case {number:06} 工单" for number in range(1, count + 1)],
        owner_id=story["owner_id"].astype("Int64").where(~nobody),
        custom=pd.Series([{} for _ in range(count)], index=story.index, dtype="object"),
        reopened=(story.index % 25 == 0).astype("int64"),
        worked_seconds=worked.round().astype("Int64"),
        made_sla=(worked <= PROMISED).astype("boolean").where(worked.notna()),
    )


def _comments(random: Generator, story: pd.DataFrame, ids: pd.Series[int], now: pd.Timestamp) -> pd.DataFrame:
    """The first answer of each; of three in ten a question later on, and its answer."""
    asked = story["answered_at"] + (story["solved_at"] - story["answered_at"]) * 0.3
    again = random.random(len(story)) < 0.3
    said: list[tuple[Any, Any, bool]] = [(story["answered_at"], again | True, False), (asked, again, True)]
    said.append((asked + pd.Timedelta(hours=2), again, False))
    parts = [
        pd.DataFrame(
            {"case_id": ids[rows], "at": at[rows].dt.round("s"), "by_customer": customer, "by_id": story["owner_id"][rows]}
        )
        for at, rows, customer in said
    ]
    told = pd.concat(parts, ignore_index=True).assign(text="We look into it. 正在处理。", public=True)
    return told[told["at"] <= now]


def _ask(session: ScopedSession, random: Generator, story: pd.DataFrame, now: pd.Timestamp) -> None:
    """Four in ten of the customers whose case is closed are asked, a third of them answer."""
    asked = story[(story["state"] == "closed") & (random.random(len(story)) < 0.4)].reset_index(drop=True)
    invitations = asked[["customer_id", "case_id", "team_id"]].assign(
        item="case",
        language="zh",
        token_hash=[sha256(f"bench {number}".encode()).hexdigest() for number in range(len(asked))],
        sent_at=asked["closed_at"],
        expires_at=asked["closed_at"] + pd.Timedelta(days=30),
        by_id=asked["owner_id"],
    )
    ids = bulk_insert(session, FeedbackInvitation, invitations)
    chosen = random.random(len(asked)) < 0.35
    at = asked["closed_at"][chosen] + pd.Timedelta(hours=20)
    csat = random.choice([1, 2, 3, 4, 5], int(chosen.sum()), p=MARKS)
    answers = pd.DataFrame(
        {
            "invitation_id": ids[chosen],
            "at": at,
            "csat": csat,
            "nps": np.clip(csat * 2 + random.integers(-1, 2, len(csat)), 0, 10),
        }
    )
    answers["comment"] = pd.Series("Quick and friendly. 又快又客气。", index=answers.index).where(random.random(len(csat)) < 0.3)
    bulk_insert(session, SurveyAnswer, answers[answers["at"] <= now])
