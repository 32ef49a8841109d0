"""Numbers and ticks of a lab that stand in the address: shared with it, and there again after a reload."""

from __future__ import annotations

import streamlit as st


def kept_number(
    name: str,
    title: str,
    *,
    default: float,
    low: float,
    high: float,
    step: float = 1,
    whole: bool = False,
    help: str | None = None,
) -> float:
    """A number input; `name` in the address, out of bounds is put right."""
    own = f"kept.{name}"
    kind: type[int] | type[float] = int if whole else float
    value = kind(min(max(_number(st.query_params.get(name, ""), default), low), high))
    st.session_state[own] = value
    st.number_input(
        title,
        min_value=kind(low),
        max_value=kind(high),
        step=kind(step),
        key=own,
        help=help,
        format="%d" if whole else "%.2f",
        on_change=_keep,
        args=(name, own, default),
    )
    return float(value)


def kept_tick(name: str, title: str, *, default: bool, help: str | None = None) -> bool:
    own = f"kept.{name}"
    now = {"1": True, "0": False}.get(st.query_params.get(name, ""), default)
    st.session_state[own] = now
    st.checkbox(title, key=own, help=help, on_change=_keep_tick, args=(name, own))
    return now


def _number(text: str, default: float) -> float:
    try:
        value = float(text)
    except ValueError:
        return default
    return value if value == value else default


def _keep(name: str, key: str, default: object) -> None:
    value = st.session_state[key]
    if value is None or value == default:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = f"{value:g}" if isinstance(value, float) else str(value)


def _keep_tick(name: str, key: str) -> None:
    st.query_params[name] = "1" if st.session_state[key] else "0"
