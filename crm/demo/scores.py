"""What stands on the pages of the first day: published models, scores, and how the customers stood at earlier month ends."""

from __future__ import annotations

import datetime as dt

from dateutil.relativedelta import relativedelta
from sqlalchemy import select

from crm.customers.commands import refresh_base, refresh_summaries, take_snapshot
from crm.demo.people import MACHINERY, MUSIC, Company
from crm.insight.commands import boards, publish_run, score_board, snapshot_of
from crm.insight.queries import RunSettings
from crm.pipeline.commands.scoring import score_deals
from crm.session import ScopedSession, acting_as
from crm.staff.models import User
from crm.staff.sign_in import actor_for

MONTHS = (12, 6, 3, 1)
"""Months before the last day at whose ends the customers were looked at."""
PUBLISHED = {
    MUSIC: ("analyst2", RunSettings(model="pareto_nbd", annual_discount=0.15)),
    MACHINERY: ("analyst", RunSettings(model="bg_nbd", margin=0.25)),
}
"""Who published which model; the other boards are left to the contest."""


def score(session: ScopedSession, company: Company, last_day: dt.date, today: dt.date) -> None:
    """As the jobs would have done it: publish, score, and keep the days."""
    refresh_summaries(session, None, today)
    for board, (username, settings) in PUBLISHED.items():
        person = session.scalars(select(User).where(User.username == username)).one()
        with acting_as(actor_for(session, person), session) as theirs:
            publish_run(theirs, company.units[board], settings)
    for board_id in set(boards(session)) - {company.units[board] for board in PUBLISHED}:
        score_board(session, board_id, today)
    refresh_base(session, today)
    for months in MONTHS:
        snapshot_of(session, (last_day + dt.timedelta(1) - relativedelta(months=months)) - dt.timedelta(1))
    take_snapshot(session, today)
    score_deals(session, company.units[MACHINERY])
