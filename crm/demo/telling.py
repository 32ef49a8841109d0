"""What the people of the demo company tell each other: announcements and messages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select

from crm.demo.people import GROUP, MACHINERY, MUSIC, SERVICES, Company
from crm.demo.targets import as_of
from crm.office.commands import AnnouncementInput, MessageInput, announce, send_message
from crm.pipeline.models import Opportunity, OpportunityState
from crm.session import ScopedSession, acting_as, get
from crm.staff.models import User
from crm.staff.sign_in import actor_for

_ANNOUNCED = (
    (
        "executive",
        GROUP,
        12,
        30,
        "Half-year figures 半年业绩",
        "The books close on Friday: enter what is missing.",
    ),
    ("director", MACHINERY, 6, 20, "Trade fair in the autumn 秋季展会", "请各团队在下周五前报送要邀请的客户名单。"),
    (
        "director2",
        MUSIC,
        20,
        None,
        "Returns of scratched discs",
        "Replace first, ask later, up to 30 dollars.",
    ),
    (
        "director3",
        SERVICES,
        3,
        14,
        "Hotline on the holiday 节假日值班",
        "Nine to six; the list hangs at the door.",
    ),
)
"""Who, for which unit, days ago, for how many days, title, text."""
_WRITTEN = (
    ("lead", ("rep", "rep2", "rep3"), 2, "Please set the close dates of your deals right before Thursday.", False),
    ("director", ("lead", "lead2"), 1, "本月缺口主要在西区，周三例会带上必成项目清单。", False),
    ("rep", ("lead",), 1, "They want the delivery in six weeks. May I promise it?", True),
    ("rep2", ("lead",), 4, "客户要求再让两个点，附了对手的报价，请批示。", True),
    ("lead6", ("rep",), 3, "The spindle was changed; the customer asked for a second machine.", False),
    ("lead3", ("rep6", "rep7", "rep8"), 5, "The new jazz releases are in stock: write to the collectors first.", False),
    ("director3", ("lead4", "agent"), 2, "续约客户里有三家满意度低于三分，请先回访。", False),
)
"""Who, to whom, days ago, text, about the largest open deal of the writer."""


def tell(session: ScopedSession, company: Company, today: dt.date) -> None:
    for username, unit, ago, days, name, text in _ANNOUNCED:
        until = None if days is None else today + dt.timedelta(days)
        said = AnnouncementInput(name=name, text=text, team_id=company.units[unit], until_on=until)
        with _on(session, company, username, today - dt.timedelta(ago)) as theirs:
            announce(theirs, said)
    for username, receivers, ago, text, about_deal in _WRITTEN:
        to = [one.id for one in company.of(*receivers)]
        with _on(session, company, username, today - dt.timedelta(ago)) as theirs:
            about = {"subject_type": "opportunity", "subject_id": _largest(theirs)} if about_deal else {}
            send_message(theirs, MessageInput(to=to, text=text, **about))


@contextmanager
def _on(session: ScopedSession, company: Company, username: str, day: dt.date) -> Iterator[ScopedSession]:
    writer = actor_for(session, get(session, User, company.members[username].id))
    with as_of(session, day), acting_as(writer, session) as theirs:
        yield theirs


def _largest(session: ScopedSession) -> int:
    mine = select(Opportunity.id).where(Opportunity.owner_id == session.actor.user_id, Opportunity.state == OpportunityState.OPEN)
    return session.scalars(mine.order_by(Opportunity.amount.desc(), Opportunity.id).limit(1)).one()
