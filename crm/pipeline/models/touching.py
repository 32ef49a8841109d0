"""An activity with a deal moves its `last_activity_on`, whichever page it was written on."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, event, func, select, update
from sqlalchemy.orm import Mapper, object_session
from sqlalchemy.orm.attributes import set_committed_value

from crm.office.models import Activity
from crm.pipeline.models.opportunity import Opportunity


@event.listens_for(Activity, "after_insert")
@event.listens_for(Activity, "after_update")
def _touch(mapper: Mapper[Any], connection: Connection, activity: Activity) -> None:
    """A derived column: whoever may write the activity moves it, and no version does."""
    if activity.subject_type != Opportunity.__tablename__:
        return
    done = Activity.__table__.c
    about = (done.subject_type == activity.subject_type) & (done.subject_id == activity.subject_id)
    last = connection.scalar(select(func.max(done.happened_on)).where(about, done.deleted_at.is_(None)))
    deal = Opportunity.__table__
    connection.execute(update(Opportunity).where(deal.c.id == activity.subject_id).values(last_activity_on=last))
    session = object_session(activity)
    for one in session.identity_map.values() if session else ():
        if isinstance(one, Opportunity) and one.id == activity.subject_id:
            set_committed_value(one, "last_activity_on", last)
