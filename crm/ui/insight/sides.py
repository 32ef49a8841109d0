"""Which side of a page is looked at, in the address; what was set on the one does not follow to the other."""

from __future__ import annotations

import streamlit as st

from crm.ui.address import choice


def side(name: str, titles: dict[str, str], *, key: str, title: str, keep: tuple[str, ...]) -> str:
    """The one in the address under `name`, else the first. On a change only the parameters of `keep` stay."""
    return _chosen(name, titles, next(iter(titles)), key, title, keep)


def switch(name: str, titles: dict[str, str], default: str, *, title: str) -> str:
    """As `side`, beginning with what fits the data; everything else in the address stays."""
    return _chosen(name, titles, default, f"switch.{name}", title, None)


def _chosen(name: str, titles: dict[str, str], default: str, key: str, title: str, keep: tuple[str, ...] | None) -> str:
    now = choice(name, tuple(titles), default)
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


def _changed(name: str, key: str, keep: tuple[str, ...] | None) -> None:
    kept = {one: st.query_params.get_all(one) for one in st.query_params if keep is None or one in keep}
    st.query_params.from_dict(kept | {name: st.session_state[key]})
