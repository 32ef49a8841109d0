"""Bring in a file: what it is, how it is read, what it would do; and only then the doing, with a way to stop it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import PurePath

import streamlit as st

from crm.customers.imports import (
    Imported,
    Preview,
    Progress,
    dry_run,
    refresh_scores,
    run,
    suggested,
)
from crm.errors import CrmError
from crm.exchange.errors import ExchangeError
from crm.exchange.mapping import Mapping
from crm.exchange.reading import FileFormat, Table, read_table, sniff
from crm.targets.imports import TARGETS
from crm.ui.desk import act, go, in_scope, me, tell
from crm.ui.import_columns import choose_mapping
from crm.ui.import_found import figures_of, show_detail, show_preview, show_problems
from crm.ui.import_progress import Bar
from crm.ui.show import empty, heading
from crm.ui.text import in_badge
from crm.words import label, say
from crm.words.formats import number

_SAMPLE = 200
_STATE = "import"


@dataclass
class Upload:
    """The file at hand; `table` holds all of it once it was checked."""

    name: str
    data: bytes
    sha256: str
    format: FileFormat
    sheet: str | None
    sample: Table
    table: Table | None = None
    checked: tuple[Mapping, Preview] | None = None


def import_file() -> None:
    targets = [name for name, target in TARGETS.items() if me().actor.may("import", target.area)]
    if not targets:
        empty("Your role brings in no files.")
        return
    if st.session_state.pop("import.stopped", False):
        st.warning(say("The import was stopped. Nothing of the file was saved."), icon=":material/undo:")
    if done := st.session_state.get("import.done"):
        _show_done(*done)
        return
    upload = _upload()
    if upload is None:
        return
    _show_format(upload)
    target = _choose_target(upload, targets)
    mapping = choose_mapping(target, upload.sample, upload.sha256)
    if mapping is not None:
        _check_and_import(upload, mapping)


# ------------------------------------------------------------------------------------------------------ the file


def _upload() -> Upload | None:
    file = st.file_uploader(
        say("CSV or Excel file with customers, contacts, leads, orders, products or targets"),
        type=["csv", "tsv", "txt", "gz", "xlsx"],
        key="import.file",
    )
    if file is None:
        st.session_state.pop(_STATE, None)
        return None
    known: Upload | None = st.session_state.get(_STATE)
    sheet = st.session_state.get("import.sheet")
    data = file.getvalue()
    digest = hashlib.sha256(data).hexdigest()
    if known is None or known.sha256 != digest or (sheet and known.sheet != sheet):
        known = _opened(file.name, data, digest, sheet if known and known.sha256 == digest else None)
        st.session_state[_STATE] = known
    return known


def _opened(name: str, data: bytes, digest: str, sheet: str | None) -> Upload | None:
    try:
        form = sniff(data, name)
        sample = read_table(data, name, form if sheet is None else None, sheet, limit=_SAMPLE)
    except ExchangeError as error:
        tell(CrmError(error.template, **error.values))
        return None
    return Upload(name, data, digest, sample.format, sheet, sample)


def _show_format(upload: Upload) -> None:
    """How the file is written, and its first rows."""
    form = upload.format
    size = say("{size} KB", size=number(max(len(upload.data) // 1024, 1), 0))
    marks = {",": say("comma"), ";": say("semicolon"), "\t": say("tab"), "|": "|"}
    facts = ["Excel" if form.kind == "xlsx" else "CSV", size]
    if form.kind == "csv":
        facts += [
            str(form.encoding).upper(),
            say("separated by {mark}", mark=marks.get(form.separator or ",", str(form.separator))),
        ]
    facts += [say("compressed")] if form.compressed else []
    with st.container(horizontal=True, key="import.format"):
        for fact in facts:
            st.badge(in_badge(fact), color="gray")
    if len(form.sheets) > 1:
        st.selectbox(say("Sheet"), form.sheets, key="import.sheet", width=300)
    st.dataframe(upload.sample.frame.head(5).rename_axis(label("line")), key="import.sample", height="content", width="stretch")


def _choose_target(upload: Upload, targets: list[str]) -> str:
    key = f"import.target.{upload.sha256}"
    if key not in st.session_state:
        asked = st.query_params.get("import")
        st.session_state[key] = asked if asked in targets else _likely(upload, targets)
    chosen = st.segmented_control(say("The file holds"), targets, key=key, format_func=label, required=True)
    return chosen or targets[0]


def _likely(upload: Upload, targets: list[str]) -> str:
    """The kind of record most of whose fields the headings name, and all that it cannot be without."""

    def fits(target: str) -> tuple[bool, int]:
        found = in_scope(suggested, target, upload.sample).columns
        needed = [field.name for field in in_scope(TARGETS[target].fields) if field.required]
        return all(name in found for name in needed), len(found)

    return max(targets, key=fits)


# ------------------------------------------------------------------------------------------------- check and import


def _check_and_import(upload: Upload, mapping: Mapping) -> None:
    preview = upload.checked[1] if upload.checked and upload.checked[0] == mapping else None
    place = st.empty()
    if preview is None:
        if place.button(say("Check the file"), key="import.check", type="primary", icon=":material/fact_check:"):
            with place.container():
                _check(upload, mapping)
        return
    figures_of(preview.new, preview.changed, preview.unchanged, preview.refused)
    coming = preview.new + preview.changed
    start = st.empty()
    text = say("Import {count:row|rows}", count=coming)
    if start.button(text, key="import.run", type="primary", icon=":material/upload:", disabled=not coming):
        with start.container():
            _import(upload, mapping)
    show_preview(preview)
    show_problems(upload.table or upload.sample, preview.problems, upload.name)


def _check(upload: Upload, mapping: Mapping) -> None:
    bar = Bar(_stop_check)
    bar.tell(0, 1, "Reading the file")
    try:
        upload.table = upload.table or read_table(upload.data, upload.name, upload.format, upload.sheet)
    except ExchangeError as error:
        tell(CrmError(error.template, **error.values))
        return
    preview = act(dry_run, mapping.target, upload.table, mapping, upload.sha256, Progress(bar.tell), rerun=False)
    if preview is not None:
        upload.checked = (mapping, preview)
        st.rerun()


def _stop_check() -> None:
    """Nothing to tell: the click alone ends the running check."""


def _import(upload: Upload, mapping: Mapping) -> None:
    """A click on Stop, or anywhere else, ends this run inside the transaction, and with it the transaction."""
    if upload.table is None:
        return
    bar = Bar(_stop_import)
    name = PurePath(upload.name).name
    imported = act(run, mapping.target, upload.table, mapping, name, upload.sha256, Progress(bar.tell), rerun=False)
    if imported is None:
        upload.checked = None
        return
    st.session_state["import.done"] = (imported, upload.table, upload.name)
    st.session_state.pop(_STATE, None)
    refresh_scores(mapping.target)
    st.rerun()


def _stop_import() -> None:
    st.session_state["import.stopped"] = True


# ------------------------------------------------------------------------------------------------------- what came


def _show_done(imported: Imported, table: Table, name: str) -> None:
    job = imported.job
    heading("{file} is in.", file=name)
    figures_of(job.added, job.changed, job.unchanged, job.refused)
    show_detail(job.detail)
    with st.container(horizontal=True):
        listed = job.target in ("customers", "orders", "leads") and job.added > 0
        if listed and st.button(say("Show them"), key="import.show", type="primary", icon=":material/arrow_forward:"):
            go(job.target, import_job_id=job.id)
        if job.target == "targets" and st.button(say("To the plans"), key="import.plans", type="primary", icon=":material/flag:"):
            go("targets", show="plans")
        if st.button(say("Another file"), key="import.again", icon=":material/upload_file:"):
            st.session_state.pop("import.done")
            st.rerun()
    show_problems(table, imported.problems, name)
