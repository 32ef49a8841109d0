"""How content customers are, and how many answer: invitations by the day on which they were sent."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal, get_args

import pandas as pd
from sqlalchemy import String, and_, case, func, or_, select, type_coerce

from crm.analytics.satisfaction import COUNTS, scores
from crm.customers.models import Customer
from crm.database import frame
from crm.pipeline.queries.deals import moment
from crm.session import ScopedSession, through_parent
from crm.staff.models import OrgUnit
from crm.support.filters import CaseFilter, beginning
from crm.support.models import Case, FeedbackInvitation, SurveyAnswer
from crm.support.queries.naming import names_of

By = Literal["all", "month", "team", "item"]
Order = Literal["newest", "lowest"]
_MARK, _LIKELY = SurveyAnswer.csat, SurveyAnswer.nps


@dataclass(frozen=True)
class Feedback:
    scores: dict[By, pd.DataFrame]
    """key, name (of a unit), and the columns of crm.analytics.satisfaction.scores; most answers first, months in their order"""
    marks: pd.DataFrame
    """month, item, csat (1 to 5), answers, commented"""
    still_open: int
    """Links that still work and that nobody has answered, whenever they were sent."""

    def marks_of(self, item: str | None = None, month: str | None = None) -> pd.DataFrame:
        """-> csat (1 to 5, each), answers, commented."""
        found = self.marks if item is None else self.marks[self.marks["item"] == item]
        found = found if month is None else found[found["month"] == month]
        told = found.groupby("csat")[["answers", "commented"]].sum().reindex(range(1, 6), fill_value=0)
        return told.rename_axis("csat").reset_index()


def feedback(
    session: ScopedSession, since: dt.date, until: dt.date, board_id: int | None = None, team_id: int | None = None
) -> Feedback:
    """Of the invitations sent from day to day. Asked once for all of it: who sees which customer is dear to find out."""
    days = _asked(since, until)
    is_open = (FeedbackInvitation.expires_at > moment(session)) & SurveyAnswer.id.is_(None)
    found = _invited(session, and_(*days), is_open, _of(board_id, team_id))
    here = found[found["asked"] > 0]
    counted = here.assign(all="", month=here["day"].astype("str").str.slice(0, 7), team=here["team_id"], **_counts(here))
    answered = counted[counted["csat"].notna()].astype({"csat": "int64"})
    return Feedback(
        scores={by: _scores(session, counted, by) for by in get_args(By)},
        marks=answered[["month", "item", "csat", "answered", "commented"]].rename(columns={"answered": "answers"}),
        still_open=int(found["still_open"].sum()),
    )


def _invited(session: ScopedSession, days: Any, is_open: Any, whose: list[Any]) -> pd.DataFrame:
    """-> day, team_id, item, csat, nps, and how many: asked (on these days), commented, still_open."""
    asked = FeedbackInvitation
    about = type_coerce(func.date(asked.sent_at), String).label("day"), asked.team_id, asked.item, _MARK, _LIKELY
    counts = {
        "asked": func.sum(case((days, 1), else_=0)),
        "commented": func.count(SurveyAnswer.comment),
        "still_open": func.sum(case((is_open, 1), else_=0)),
    }
    query = select(*about, *(one.label(name) for name, one in counts.items())).select_from(asked)
    query = query.outerjoin(SurveyAnswer, SurveyAnswer.invitation_id == asked.id).where(or_(days, is_open), *whose)
    found = frame(session, through_parent(query.group_by(*about), SurveyAnswer))
    return found.astype(dict.fromkeys(counts, "int64") | {"csat": "float64", "nps": "float64"})


def _counts(found: pd.DataFrame) -> dict[str, Any]:
    """What `scores` wants of each row."""
    mark, likely, many = found["csat"], found["nps"], found["asked"]
    told = {
        "sent": many,
        "answered": mark.notna() * many,
        "csat_sum": mark.fillna(0) * many,
        "csat_squares": mark.fillna(0) ** 2 * many,
        "satisfied": (mark >= 4) * many,
        "asked_nps": likely.notna() * many,
        "promoters": (likely >= 9) * many,
        "detractors": (likely <= 6) * many,
    }
    return {name: values.astype("int64") for name, values in told.items()}


def _scores(session: ScopedSession, counted: pd.DataFrame, by: By) -> pd.DataFrame:
    found = counted.groupby(by)[list(COUNTS)].sum().rename_axis("key").reset_index()
    told = scores(found)
    told.insert(0, "name", names_of(session, by, found["key"]))
    told.insert(0, "key", told.pop("key"))
    order = ["key"] if by == "month" else ["answered", "sent"]
    return told.sort_values(order, ascending=by == "month", kind="stable", ignore_index=True)


def csat_of(
    session: ScopedSession, before: dt.date, since: dt.date, until: dt.date, where: CaseFilter
) -> tuple[float | None, float | None]:
    """The mean mark of the invitations sent from `since` to `until`, and from `before` until then; of cases that fit a filter,
    or of everything."""
    here = case((FeedbackInvitation.sent_at >= beginning(since), 1), else_=0)
    query = select(here, func.avg(_MARK)).select_from(FeedbackInvitation)
    query = query.join(SurveyAnswer, SurveyAnswer.invitation_id == FeedbackInvitation.id).where(*_asked(before, until))
    if narrowed := where.conditions():
        query = query.where(FeedbackInvitation.case_id.in_(select(Case.id).where(*narrowed)))
    means = dict(session.execute(through_parent(query.group_by(here), SurveyAnswer)).all())
    return tuple(float(means[one]) if one in means else None for one in (1, 0))  # type: ignore[return-value]


def survey_answers(
    session: ScopedSession,
    since: dt.date,
    until: dt.date,
    *,
    board_id: int | None = None,
    team_id: int | None = None,
    item: str | None = None,
    month: str | None = None,
    csat: int | None = None,
    csat_at_most: int | None = None,
    commented: bool = False,
    order: Order = "newest",
    page: int = 1,
    size: int = 50,
) -> pd.DataFrame:
    """Answers to invitations sent from day to day, in a month (1998-05), the newest or the lowest marks first -> id, at,
    customer_id, customer, item, team, case_id, number (of a case that the actor sees), csat, nps, comment."""
    asked, answer = FeedbackInvitation, SurveyAnswer
    about = (answer.id, answer.at, asked.customer_id, Customer.name.label("customer"), asked.item, OrgUnit.name.label("team"))
    query = select(*about, asked.case_id, answer.csat, answer.nps, answer.comment).select_from(answer)
    query = query.join(asked, asked.id == answer.invitation_id).join(Customer, Customer.id == asked.customer_id)
    query = query.join(OrgUnit, OrgUnit.id == asked.team_id)
    query = query.where(*_asked(since, until), *_of(board_id, team_id))
    query = query.where(asked.item == item) if item is not None else query
    query = query.where(*_asked_in(month)) if month else query
    query = query.where(answer.csat == csat) if csat is not None else query
    query = query.where(answer.csat <= csat_at_most) if csat_at_most is not None else query
    query = query.where(answer.comment.is_not(None)) if commented else query
    lowest: list[Any] = [answer.csat, answer.nps.asc().nulls_last()] if order == "lowest" else []
    query = query.order_by(*lowest, answer.at.desc(), answer.id.desc()).limit(size).offset((page - 1) * size)
    found = frame(session, through_parent(query, answer))
    # By itself: who sees which case would be weighed for every answer.
    ids = [int(one) for one in found["case_id"].dropna()]
    numbers = dict(session.execute(select(Case.id, Case.number).where(Case.id.in_(ids))).all())
    return found.assign(number=found["case_id"].map(numbers).astype("object"))


def _asked(since: dt.date, until: dt.date) -> list[Any]:
    sent = FeedbackInvitation.sent_at
    return [sent >= beginning(since), sent < beginning(until + dt.timedelta(1))]


def _asked_in(month: str) -> list[Any]:
    days = pd.Period(month, freq="M")
    return _asked(days.start_time.date(), days.end_time.date())


def _of(board_id: int | None, team_id: int | None) -> list[Any]:
    found: list[Any] = [FeedbackInvitation.team_id == team_id] if team_id is not None else []
    of_board = select(Customer.id).where(Customer.board_id == board_id)
    return found + ([FeedbackInvitation.customer_id.in_(of_board)] if board_id is not None else [])
