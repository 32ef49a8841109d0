"""Which side of a page is looked at, in the address; what was set on the one does not follow to the other."""

from __future__ import annotations

import streamlit as st

from crm.ui.address import choice


def side(name: str, titles: dict[str, str], *, key: str, title: str, keep: tuple[str, ...]) -> str:
    """The one in the address under `name`, else the first. On a change only the parameters of `keep` stay."""
    now = choice(name, tuple(titles), next(iter(titles)))
    st.session_state[key] = now
    st.segmented_control(
        title,
        list(titles),
        key=key,
        required=True,
        format_func=titles.__getitem__,
        label_visibility="collapsed",
        on_change=_changed,
        args=(name, key, keep),
    )
    return now


def _changed(name: str, key: str, keep: tuple[str, ...]) -> None:
    kept = {one: st.query_params.get_all(one) for one in keep if one in st.query_params}
    st.query_params.from_dict(kept | {name: st.session_state[key]})
