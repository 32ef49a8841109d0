"""Who sits at this browser: the sign-in page, the cookie that remembers it, the language, and the way out."""

from __future__ import annotations

import datetime as dt
import threading
from contextlib import suppress
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st
import streamlit_authenticator as stauth
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit_authenticator.controllers import AuthenticationController

from crm.access import SYSTEM
from crm.errors import Outage
from crm.office.queries import demo_day, setting
from crm.session import ScopedSession, open_as
from crm.settings import ROOT
from crm.staff import attempts, known, sign_in
from crm.staff.commands import set_preference
from crm.staff.queries import demo_accounts
from crm.staff.sign_in import COOKIE, SignedIn
from crm.targets.queries import firm_zone
from crm.ui.kept import answered
from crm.words import Language, label, language, say

# ------------------------------------------------------------------------------------------------- who is here


def signed_in() -> SignedIn | None:
    """Asked at every run: the token of this tab, else the browser's cookie, against the database."""
    state = st.session_state
    token = state.get("_token") or (None if state.get("_signed_out") else st.context.cookies.get(COOKIE))
    person = sign_in.who(token) if isinstance(token, str) else None
    if person is None:
        state.pop("_token", None)
        return None
    state["_token"] = token
    if person.language and "_language" not in state:
        _speak(person.language)
    demo_today, zone = answered(SYSTEM, person.versions, _firm, {})
    day = demo_today or dt.datetime.now(ZoneInfo(zone)).date()
    if person.seen_on != day:
        sign_in.mark_present(person.session_id, person.user_id, day)
    return replace(person, demo_today=demo_today)


def _firm(session: ScopedSession) -> tuple[dt.date | None, str]:
    """-> the day at which a demo company stands still, and the zone in which the days of the firm begin."""
    return demo_day(session), firm_zone(session)


def sign_out() -> None:
    """For a button's on_click: ends the session in the database first, so that no copy of the cookie is worth anything."""
    state = st.session_state
    try:
        if token := state.get("_token"):
            sign_in.sign_out(token, origin())
    except Outage:
        return  # still signed in, and the page says why
    spoken = language()
    _forget_person()
    state["_signed_out"], state["_cookie"] = True, {"ticket": ""}
    _speak(spoken)


def _enter(user_id: int) -> None:
    token = sign_in.open_browser_session(user_id)
    chosen = st.session_state.get("_language") if st.session_state.get("_language_chosen") else None
    _forget_person()
    st.session_state["_token"], st.session_state["_cookie"] = token, {"ticket": sign_in.issue_ticket(token)}
    if chosen:
        choose_language(chosen)


def _forget_person() -> None:
    """Nothing of one person stays for the next."""
    _spoken.run = None
    for key in list(st.session_state):
        del st.session_state[key]


def origin() -> str | None:
    """Where a sign-in comes from, for the log: address and browser."""
    address, agent = st.context.ip_address, st.context.headers.get("User-Agent")
    browsers = {"Edg/": "Edge", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
    systems = {
        "Android": "Android",
        "iPhone": "iPhone",
        "iPad": "iPad",
        "Windows": "Windows",
        "Mac OS": "macOS",
        "Linux": "Linux",
    }
    known = [next((name for mark, name in names.items() if mark in str(agent)), "") for names in (browsers, systems)]
    return " · ".join(part for part in [address if isinstance(address, str) else "", *known] if part) or None


def _mark() -> str | None:
    """What this browser keeps from an earlier sign-in."""
    kept = st.context.cookies.get(known.COOKIE)
    return kept if isinstance(kept, str) else None


# ---------------------------------------------------------------------------------------------------- language


class _Spoken(threading.local):
    run: object = None
    language = "en"


_spoken = _Spoken()
"""Of the run that this thread draws: every text of a page asks."""


def language_of_browser() -> str:
    """What was chosen here, or else what the browser prefers."""
    run = this_run()
    if run is None or _spoken.run is not run:
        chosen = st.session_state.get("_language") or st.context.locale
        _spoken.run, _spoken.language = run, chosen if isinstance(chosen, str) else "en"
    return _spoken.language


def _speak(code: str) -> None:
    st.session_state["_language"] = code
    _spoken.run = None


def this_run() -> object:
    """The same object all through one run, its fragments included, another one in the next: Streamlit makes it at every start."""
    context = get_script_run_ctx()
    return context.parallel_coordinator if context else None


def choose_language(code: Language) -> None:
    """For this browser at once, and for the person wherever he signs in next."""
    _speak(code)
    person = None
    with suppress(Outage):
        person = signed_in()
    if person is None:
        st.session_state["_language_chosen"] = True
        return
    with suppress(Outage), open_as(person.actor) as session:
        set_preference(session, "language", {"code": code})


def language_switch() -> None:
    other: Language = "en" if language() == "zh" else "zh"
    name = {"en": "English", "zh": "中文"}[other]
    st.button(name, key="language", type="tertiary", icon=":material/translate:", on_click=choose_language, args=(other,))


# ------------------------------------------------------------------------------------------------------ cookie

_cookie = st.components.v2.component(
    "crm_session_cookie",
    js="""
    export default function ({ data, setTriggerValue }) {
        if (window.__crmCookie === data.ticket) return
        window.__crmCookie = data.ticket
        const done = () => setTriggerValue("done", true)
        fetch("/session", {
            method: data.ticket ? "POST" : "DELETE",
            credentials: "same-origin",
            headers: { "content-type": "application/json" },
            body: data.ticket ? JSON.stringify({ ticket: data.ticket }) : undefined,
        }).then(done, done)
    }
    """,
)


def keep_cookie() -> None:
    """After signing in or out, let the browser fetch or drop its cookie. Without the route behind it (plain
    `streamlit run Home.py`) nothing happens: this tab stays signed in, a new one asks again."""
    if due := st.session_state.get("_cookie"):
        _cookie(data=due, on_done_change=_cookie_kept, key="cookie")


def _cookie_kept() -> None:
    st.session_state.pop("_cookie", None)


# ---------------------------------------------------------------------------------------------------- the page


def sign_in_page() -> None:
    with st.container(horizontal=True, horizontal_alignment="right"):
        language_switch()
    with st.container(horizontal_alignment="center"), st.container(width=380, key="sign_in"):
        st.image(str(ROOT / "static" / "logo.svg"), width=190, alt="Perennial CRM")
        problem = _ask_for_password() or st.session_state.pop("_demo_refused", None)
        if problem:
            st.error(say(problem.template, **problem.values), icon=":material/error:")
        _offer_demo()


def _ask_for_password() -> attempts.SignInError | None:
    """The package's form and its comparison of hashes; our accounts, counting and sessions. -> why not, or reruns signed in."""
    accounts = _Accounts()
    form = _Form(accounts)
    fields = {"Form name": say("Sign in"), "Username": say("User name"), "Password": say("Password"), "Login": say("Sign in")}
    try:
        form.login(fields=fields)
        right = st.session_state.get("authentication_status") is True
        if form.incomplete:
            return attempts.SignInError("Enter the user name and the password.")
        if accounts.attempt is None:
            return None
        _enter(attempts.finish(accounts.attempt, right, origin()))
        st.rerun()
    except attempts.SignInError as error:
        return error


class _Accounts(dict[str, dict[str, Any]]):
    """What the package takes for its file of users. Every name is there; the one that was typed is looked up, and counted."""

    attempt: attempts.Attempt | None = None

    def __contains__(self, username: object) -> bool:
        return True

    def __missing__(self, username: str) -> dict[str, Any]:
        self.attempt = attempts.begin(username, origin(), _mark())
        self[username] = {"password": self.attempt.password_hash}
        return self[username]


class _Form(stauth.Authenticate):  # type: ignore[misc]
    """Without the package's constructor, which mounts a component for a cookie of its own that we do not want."""

    def __init__(self, accounts: _Accounts) -> None:
        self.path, self.attrs = None, {"login_sleep_time": 0}
        self.cookie_controller = _NoCookie()
        self.authentication_controller = _Controller({"usernames": {}}, auto_hash=False)
        self.authentication_controller.authentication_model.credentials = {"usernames": accounts}
        st.session_state["authentication_status"] = None

    @property
    def incomplete(self) -> bool:
        return bool(self.authentication_controller.incomplete)


class _Controller(AuthenticationController):  # type: ignore[misc]
    incomplete = False

    def login(self, username: str, password: str, *arguments: Any, **named: Any) -> bool | None:
        """An empty field is no wrong password: Enter after the name sends the form too."""
        self.incomplete = not (username and password)
        return None if self.incomplete else super().login(username, password, *arguments, **named)


class _NoCookie:
    def get_cookie(self) -> None: ...

    def set_cookie(self) -> None: ...


def _offer_demo() -> None:
    """The demo company's accounts, one for each role: a click signs in. Only in demo mode."""
    with open_as(SYSTEM) as session:
        demo = setting(session, "demo") or {}
        accounts = demo_accounts(session) if demo.get("on") else []
    if not accounts:
        return
    st.caption(say("Demo company: choose whom to be. The password of all of them: {password}", password=demo["password"]))
    with st.container(key="demo_accounts", horizontal=True, gap="small"):
        for account in accounts:
            st.button(
                label(account.role, of="role"),
                key=f"demo_{account.username}",
                help=f"{account.name} ({account.username})",
                on_click=_enter_demo,
                args=(account.username, demo["password"]),
            )


def _enter_demo(username: str, password: str) -> None:
    try:
        _enter(attempts.check(username, password, origin(), _mark()))
    except attempts.SignInError as error:
        st.session_state["_demo_refused"] = error
