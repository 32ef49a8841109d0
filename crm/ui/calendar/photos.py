"""The photos of a visit: taken or chosen here, kept with the files of the customer."""

from __future__ import annotations

import streamlit as st

from crm.office import commands as office
from crm.office import queries
from crm.office.file_types import PICTURES
from crm.office.models import Activity, ActivityKind
from crm.settings import settings
from crm.ui.attachments import look
from crm.ui.desk import act, figures, load
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import say

ENDINGS = ("jpg", "jpeg", "png", "webp")


def photos(found: Activity) -> None:
    """Those of a visit, and a place for one more."""
    if found.kind != ActivityKind.VISIT:
        return
    rows = load(queries.attachments_of, subject_type=found.subject_type, subject_ids=(found.subject_id,))
    for row in records(rows[(rows["activity_id"] == found.id) & rows["media_type"].isin(PICTURES)]):
        look(int(row.id), row.sha256, row.name)
        st.caption(literal(row.name))
    if figures(queries.may_attach, subject_type=found.subject_type, subject_id=found.subject_id):
        _take(found)


def _take(found: Activity) -> None:
    times: int = st.session_state.get("calendar.photos", 0)
    photo = st.file_uploader(
        say("Photo of the visit"),
        type=list(ENDINGS),
        max_upload_size=settings().attachment_megabytes,
        key=f"calendar.photo.{found.id}.{times}",
        help=say("A phone offers its camera. The photo is kept with the files of the record."),
    )
    if photo is None:
        return
    st.session_state["calendar.photos"] = times + 1
    st.session_state["calendar.open"] = found.id
    about = (found.subject_type, found.subject_id, photo.name, photo.getvalue(), None, found.id)
    act(office.add_attachment, *about, done="Photo kept.")
