"""The rules of the segments: tried on screen, saved for the firm by whoever may."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import streamlit as st

from crm.analytics.errors import AnalyticsError
from crm.analytics.segments import DEFAULT_SEGMENTS, segments_from_dicts, segments_to_dicts
from crm.errors import CrmError, Stale
from crm.insight.commands.rfm import RfmScale, save_rfm
from crm.insight.queries.rfm import BINS, rfm_scored
from crm.ui.desk import act, me, tell
from crm.ui.insight.rfm_lens import RULES, Lens
from crm.words import label, say
from crm.words.formats import number

ENDS = tuple(f"{score}_{end}" for score in "rfm" for end in ("from", "to"))


def rules(lens: Lens) -> None:
    """A row for each segment; the first that covers a customer's scores is his."""
    st.markdown(say("The first rule in order that covers a customer's three scores gives his segment. Every score needs one."))
    shown = _as_table(lens)
    with st.form("rfm.rules_form", border=False):
        edited = st.data_editor(
            shown,
            key=f"rfm.rules_editor.{hash(str(segments_to_dicts(lens.segments)))}",
            num_rows="dynamic",
            hide_index=True,
            width="stretch",
            height="content",
            disabled=["customers"],
            column_config=_columns(),
        )
        if st.form_submit_button(say("Try these rules"), icon=":material/play_arrow:"):
            _try(edited, lens)
    if lens.segments != DEFAULT_SEGMENTS:
        st.button(say("Back to the usual segments"), key="rfm.default", icon=":material/restart_alt:", on_click=_default)


def preview(lens: Lens) -> None:
    """Where what is shown is not what the firm saved: how much it changes, and what to do with it."""
    if not lens.is_preview:
        return
    now = rfm_scored(lens.base, segments_from_dicts(lens.saved["segments"], BINS), lens.saved["cuts"])["segment"].astype(str)
    changed = int((now != lens.scored["segment"].astype(str)).sum())
    with st.container(horizontal=True, vertical_alignment="center", border=True, key="rfm.preview"):
        st.markdown(
            say(
                ":material/visibility: Not saved: {count} of {total} customers would change segment",
                count=number(changed, 0),
                total=number(len(lens.base), 0),
            ),
            width="stretch",
        )
        st.button(say("Back to the saved"), key="rfm.back", type="tertiary", on_click=_back)
        if me().actor.may("publish", "insight") and st.button(say("Save for the firm"), key="rfm.save", type="primary"):
            _save(lens)


def _save(lens: Lens) -> None:
    scale = RfmScale(cuts=lens.given, segments=segments_to_dicts(lens.segments))
    try:
        saved = act(
            save_rfm,
            scale,
            lens.saved["version"],
            done="Saved. The segments of all customers follow with the next run of the scores.",
            rerun=False,
        )
    except Stale as error:
        told = "{who} saved other rules meanwhile. Go back to the saved ones and look, then try yours again."
        tell(CrmError(told, who=error.by or "–"))
        return
    if saved is not None:
        st.session_state.pop(RULES, None)
        st.rerun()


def _default() -> None:
    st.session_state[RULES] = segments_to_dicts(DEFAULT_SEGMENTS)


def _back() -> None:
    st.session_state.pop(RULES, None)
    st.query_params.pop("cuts", None)


def _as_table(lens: Lens) -> pd.DataFrame:
    counts = lens.scored["segment"].value_counts().to_dict()
    rows = [
        {
            "position": position,
            "segment": label(rule.key, of="segment"),
            **dict(zip(ENDS, (*rule.r, *rule.f, *rule.m), strict=True)),
            "customers": int(counts.get(rule.key, 0)),
        }
        for position, rule in enumerate(lens.segments, start=1)
    ]
    return pd.DataFrame(rows)


def _columns() -> dict[str, Any]:
    column = st.column_config
    heads = {
        "r_from": say("R ≥"),
        "r_to": say("R ≤"),
        "f_from": say("F ≥"),
        "f_to": say("F ≤"),
        "m_from": say("M ≥"),
        "m_to": say("M ≤"),
    }
    found: dict[str, Any] = {
        name: column.NumberColumn(
            head, min_value=1, max_value=BINS, step=1, default=1 if name.endswith("from") else BINS, width=58
        )
        for name, head in heads.items()
    }
    found["position"] = column.NumberColumn(say("Sequence"), min_value=1, step=1, width=100)
    found["segment"] = column.TextColumn(label("segment"), required=True, max_chars=40)
    found["customers"] = column.NumberColumn(label("customers"), format="localized")
    return found


def _try(edited: pd.DataFrame, lens: Lens) -> None:
    keys = {label(rule.key, of="segment"): rule for rule in (*DEFAULT_SEGMENTS, *lens.segments)}
    ordered = edited.assign(position=edited["position"].fillna(len(edited) + 1)).sort_values("position", kind="stable")
    found = []
    for row in ordered.to_dict("records"):
        name = str(row["segment"] or "").strip()
        known = keys.get(name)
        ends = [BINS if name.endswith("to") else 1 for name in ENDS]
        ends = [usual if pd.isna(row[end]) else int(row[end]) for usual, end in zip(ends, ENDS, strict=True)]
        about = {"key": known.key if known else _key(name), "label": known.label if known else name}
        found.append(about | {"r": ends[:2], "f": ends[2:4], "m": ends[4:]})
    try:
        RfmScale(cuts=lens.given, segments=found).check()
    except (CrmError, AnalyticsError) as error:
        st.error(say(error.template, **error.values))
        return
    st.session_state[RULES] = found
    st.rerun()


def _key(name: str) -> str:
    """A code of the name, which reads like it."""
    return re.sub(r"\W+", "_", name.lower()).strip("_")[:40]
