"""The files of a record: drop them here, read them, name them, take them away."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from io import BytesIO
from typing import Any

import streamlit as st
from PIL import Image, ImageOps

from crm.errors import CrmError
from crm.office import commands, queries
from crm.office.commands import AttachmentDetails
from crm.office.file_types import ENDINGS, PICTURES
from crm.session import ScopedSession
from crm.settings import settings
from crm.staff.sign_in import SignedIn
from crm.ui.deferred import still_here
from crm.ui.desk import act, figures, find, in_scope, load, me, tell
from crm.ui.dialog import open_dialog
from crm.ui.show import empty, heading
from crm.ui.table import records
from crm.ui.text import literal
from crm.ui.versions import edit_form
from crm.words import Language, language, say
from crm.words.formats import date_short, missing, number

ICONS = {"application/pdf": "picture_as_pdf", "text/plain": "article"}
ENDING_ICONS = dict.fromkeys(("xls", "xlsx", "ods", "csv", "tsv"), "table") | dict.fromkeys(("eml", "msg"), "mail")
ENDING_ICONS |= dict.fromkeys(("zip", "7z", "rar", "gz"), "folder_zip")
FORMATS = tuple(kind.removeprefix("image/").upper() for kind in PICTURES)
SMALL, LARGE = 112, 1600
"""Pixels of a picture in its line, and looked at."""
MOST_PIXELS = 64_000_000
"""Of a picture that is drawn smaller: a file of a few kilobytes can have more than the memory holds."""


def attachments(subject: str, subject_id: int, key: str = "attachments", also: Sequence[int] = ()) -> None:
    """The files of one record; `also` are records of its kind whose files are read here too (the cases merged into a case)."""
    may: bool = figures(queries.may_attach, subject_type=subject, subject_id=subject_id)
    key = f"{key}.{subject_id}"
    if may:
        _drop(subject, subject_id, key)
    rows = load(queries.attachments_of, subject_type=subject, subject_ids=(subject_id, *also))
    if may:
        _outcome(key, set(rows["id"]))
    if rows.empty:
        _nothing(may)
        return
    heading("{count:file|files}, {size}", count=len(rows), size=file_size(int(rows["size"].sum())))
    for row in records(rows):
        _line(row, key, may)


def _nothing(may: bool) -> None:
    if may:
        empty("No files yet. Drop offers, drawings, photos or mails above: whoever sees this record can read them.")
    else:
        empty("No files yet. Whoever may change this record can attach them.")


def file_size(size: int) -> str:
    if size < 1024:
        return say("{number} B", number=number(size, 0))
    if size < 1024**2:
        return say("{number} KB", number=number(size / 1024, 0))
    return say("{number} MB", number=number(size / 1024**2, 1))


# ------------------------------------------------------------------------------------------------------ dropped


def _drop(subject: str, subject_id: int, key: str) -> None:
    """What is dropped is attached at once; each file by itself, so that one that is refused keeps none of the others away."""
    times: int = st.session_state.get(f"{key}.times", 0)
    dropped = st.file_uploader(
        say("Attach files"),
        type=list(ENDINGS),
        accept_multiple_files=True,
        max_upload_size=settings().attachment_megabytes,
        label_visibility="collapsed",
        key=f"{key}.files.{times}",
    )
    if not dropped:
        return
    outcome: list[str | CrmError] = []
    for file in dropped:
        try:
            outcome.append(in_scope(partial(_attach, subject, subject_id, file.name, file.getvalue())))
        except CrmError as error:
            outcome.append(error)
    st.session_state[f"{key}.times"], st.session_state[f"{key}.outcome"] = times + 1, outcome
    st.rerun()


def _attach(subject: str, subject_id: int, name: str, content: bytes, session: ScopedSession) -> str:
    return commands.add_attachment(session, subject, subject_id, name, content).name


def _outcome(key: str, here: set[int]) -> None:
    """What became of what was dropped, and the way back for what was taken away last."""
    told: list[str | CrmError] = st.session_state.pop(f"{key}.outcome", [])
    attached = [one for one in told if isinstance(one, str)]
    if attached:
        st.toast(say("Attached: {names}", names=literal(", ".join(attached))), icon=":material/check:")
    for one in told:
        if isinstance(one, CrmError):
            tell(one)
    gone = st.session_state.get(f"{key}.removed")
    if gone is None or gone[0] in here:
        return
    text = say("Undo: bring {name} back", name=literal(gone[1]))
    if st.button(text, key=f"{key}.undo", icon=":material/undo:", type="tertiary"):
        st.session_state.pop(f"{key}.removed")
        act(commands.restore_attachment, gone[0], done="{name} is back.", name=gone[1])


# -------------------------------------------------------------------------------------------------------- lines


def _line(row: Any, key: str, may: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}.line.{row.id}"):
        with st.container(width=60, horizontal_alignment="center"):
            _sign(row)
        with st.container(gap=None, width="stretch"):
            _name(row, key)
            parts = [file_size(int(row.size)), row.author or "–", date_short(row.created_at.date())]
            note = "" if missing(row.note) else f"  \n{literal(row.note)}"
            st.caption(literal(" · ".join(parts)) + note)
        _menu(row, key, may)


def _sign(row: Any) -> None:
    small = _picture(row.sha256, SMALL, int(row.id)) if row.media_type in PICTURES and row.stands else None
    if small is not None:
        st.image(small, width=56, alt=row.name)
    else:
        ending = row.name.rpartition(".")[2].lower()
        st.markdown(f":gray[:material/{ICONS.get(row.media_type) or ENDING_ICONS.get(ending, 'description')}:]")


def _name(row: Any, key: str) -> None:
    if not row.stands:
        gone = say("Its file is missing or was changed on the disk: attach it again, or have it restored from a backup.")
        st.markdown(f"**{literal(row.name)}**  \n:red[:material/error: {gone}]")
        return
    st.download_button(
        literal(row.name),
        data=partial(_content, me(), language(), int(row.id)),
        file_name=row.name,
        mime=row.media_type,
        key=f"{key}.get.{row.id}",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
        help=say("Download"),
    )


def _content(person: SignedIn, spoken: Language, attachment_id: int) -> bytes:
    with still_here(person, spoken) as session:
        return queries.content_of(session, attachment_id)


def _menu(row: Any, key: str, may: bool) -> None:
    offered = {"look": say("Look at it")} if row.media_type in PICTURES and row.stands else {}
    offered |= {"edit": say("Name and note"), "remove": say("Remove")} if may else {}
    if not offered:
        return
    chosen = st.menu_button(
        "",
        list(offered),
        format_func=offered.__getitem__,
        icon=":material/more_vert:",
        type="tertiary",
        key=f"{key}.menu.{row.id}",
        help=say("More"),
    )
    if chosen == "look":
        open_dialog(row.name, look, int(row.id), row.sha256, row.name)
    elif chosen == "edit":
        open_dialog(say("Name and note"), edit_dialog, int(row.id), width="medium")
    elif chosen == "remove":
        st.session_state[f"{key}.removed"] = int(row.id), row.name
        act(commands.remove_attachment, int(row.id), done="{name} removed.", name=row.name)


def edit_dialog(attachment_id: int) -> None:
    found = find(queries.attachment, attachment_id)
    if found is not None:
        edit_form(AttachmentDetails, found, commands.edit_attachment, key=f"attachment.{found.id}", done="Saved.", columns=1)


# ----------------------------------------------------------------------------------------------------- pictures


def look(attachment_id: int, sha256: str, name: str) -> None:
    picture = _picture(sha256, LARGE, attachment_id)
    if picture is None:
        st.markdown(say("This picture cannot be shown. Download it to look at it."))
    else:
        st.image(picture, width="stretch", alt=name)


@st.cache_data(max_entries=300, show_spinner=False)
def _picture(sha256: str, pixels: int, _attachment_id: int) -> bytes | None:
    """A smaller one, upright and without what the camera wrote into it; kept by its bytes. None where it cannot be read."""
    try:
        return smaller(in_scope(queries.content_of, _attachment_id), pixels)
    except CrmError:
        return None


def smaller(content: bytes, pixels: int) -> bytes | None:
    """A picture redrawn as WEBP within so many pixels a side; None where it cannot be read or is too large to be drawn."""
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as found:
            if found.width * found.height > MOST_PIXELS:
                return None
            found.draft("RGB", (pixels, pixels))
            shown = ImageOps.exif_transpose(found)
            shown.thumbnail((pixels, pixels))
            made = BytesIO()
            shown.convert("RGBA").save(made, "WEBP", quality=80)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return made.getvalue()


__all__ = ["attachments", "edit_dialog", "file_size", "look"]
