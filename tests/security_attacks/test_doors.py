"""What a stranger reaches over HTTP and the websocket: forged and stolen cookies, foreign pages, files, addresses, methods."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest
from sqlalchemy import select
from websockets.exceptions import InvalidStatus

from crm.access import SYSTEM, Role
from crm.session import open_as
from crm.staff import known
from crm.staff.commands import (
    PasswordChange,
    PasswordReset,
    PersonDetails,
    change_own_password,
    edit_person,
    freeze,
    reset_password,
    unfreeze,
)
from crm.staff.models import AuthSession, User
from crm.staff.sign_in import COOKIE, issue_ticket, open_browser_session, sign_out, who
from tests.people import PASSWORD
from tests.security_attacks.target import KEY

INSIDE, OUTSIDE = "crm_tile_", "User name"
ELSEWHERE = ["https://evil.example", "null", "http://127.0.0.1:1", "http://127.0.0.1.evil.example", "file://"]


def is_inside(target, token: str, page: str = "") -> bool:
    """Does the cookie in a new browser open the product, over both doors?"""
    media = target.ask("GET", "/media/none.csv", Cookie=f"{COOKIE}={token}").status == 404
    with target.tab(token) as tab:
        shown = tab.read(page)
    assert ("My account" in shown) != (OUTSIDE in shown), shown[:500]
    assert media is ("My account" in shown)
    return media


def signed_in(target, token: str, **headers: str):
    return target.ask("POST", "/session", json.dumps({"ticket": issue_ticket(token)}), **headers)


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def jwt(algorithm: str, key: str = "") -> str:
    head = f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part({'username': 'ada', 'sub': '1', 'exp': 9_999_999_999})}"
    signed = hmac.new(key.encode(), head.encode(), hashlib.sha256).digest() if key else b""
    return f"{head}.{base64.urlsafe_b64encode(signed).decode().rstrip('=')}"


# -------------------------------------------------------------------------------------------------------- cookies


def test_it_works(target):
    token = open_browser_session(target.people.anna.id)
    assert is_inside(target, token) and not is_inside(target, "")


@pytest.mark.parametrize(
    "forged",
    [
        jwt("none"),
        jwt("None"),
        jwt("HS256", "some_key"),
        jwt("HS256", KEY),
        "ada",
        "1",
        "null",
        "%00",
        "' OR 1=1 --",
        "x" * 6000,
        "_stcore",
    ],
)
def test_a_made_up_cookie_opens_nothing(target, forged):
    """There is nothing to sign: the cookie is a random number that the database knows. A token that is valid by its form, signed
    with no key, a foreign one or even our own, is only a wrong number."""
    assert not is_inside(target, forged)


def test_a_cookie_that_was_changed_or_read_from_the_database_opens_nothing(target):
    token = open_browser_session(target.people.anna.id)
    with open_as(SYSTEM) as session:
        kept = session.scalars(select(AuthSession.token_hash).order_by(AuthSession.id.desc())).first()
    changed = token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]
    for one in (changed, token + "A", token[:-1], token.swapcase(), kept, known.mark_for(target.people.anna.id)):
        assert not is_inside(target, one)


def test_signing_out_ends_the_copy_of_the_cookie_everywhere(target):
    """Stolen before, used after: in a new browser, and in the tab that the thief has open."""
    token = open_browser_session(target.people.anna.id)
    with target.tab(token) as stolen:
        assert OUTSIDE not in stolen.read()
        sign_out(token)
        assert OUTSIDE in stolen.read()
    assert not is_inside(target, token)


def test_a_new_password_ends_the_other_cookies(target):
    here, stolen = (open_browser_session(target.people.chen.id) for _ in range(2))
    with open_as(target.people.chen.actor) as session:
        words = {"new_password": "another good sentence", "new_password_again": "another good sentence"}
        change_own_password(session, PasswordChange(old_password=PASSWORD, **words), who(here).session_id)
    assert is_inside(target, here) and not is_inside(target, stolen)
    with open_as(target.people.ada.actor) as session:
        reset_password(session, target.people.chen.id, PasswordReset(new_password="given by Ada"))
    assert not is_inside(target, here)


def test_a_frozen_person_is_out_over_every_door(target):
    token = open_browser_session(target.people.emil.id)
    with target.tab(token) as tab:
        tab.read()
        with open_as(target.people.ada.actor) as session:
            freeze(session, target.people.emil.id)
        assert OUTSIDE in tab.read("customers")
    assert not is_inside(target, token)
    with open_as(target.people.ada.actor) as session:
        unfreeze(session, target.people.emil.id)


def test_a_lower_role_holds_in_the_tab_that_is_open(target):
    person, ada = target.people.bao, target.people.ada
    with target.tab(open_browser_session(person.id)) as tab:
        assert "Your role does not open this page." not in tab.read("people")
        with open_as(ada.actor) as session:
            user = session.get(User, person.id)
            edit_person(session, user.id, PersonDetails(name=user.name, role=Role.REP, unit_id=user.unit_id), user.version)
        assert "Your role does not open this page." in tab.read("people")


def test_both_cookies_are_out_of_reach_of_scripts_and_of_other_sites(target):
    for secure in (True, False):
        token = open_browser_session(target.people.anna.id)
        answer = signed_in(target, token, X_Forwarded_Proto="https" if secure else "http")
        assert answer.status == 204 and len(answer.cookies) == 2
        for cookie in answer.cookies:
            marks = {mark.strip().lower() for mark in cookie.split(";")[1:]}
            assert {"httponly", "samesite=lax", "path=/"} <= marks and ("secure" in marks) is secure
            assert not any(mark.startswith("domain") for mark in marks)


def test_a_cookie_that_was_planted_before_is_not_the_one_afterwards(target):
    planted = "planted-" + "x" * 35
    token = open_browser_session(target.people.anna.id)
    answer = signed_in(target, token, Cookie=f"{COOKIE}={planted}")
    assert answer.cookies[0].startswith(f"{COOKIE}={token};")
    assert not is_inside(target, planted)


def test_a_ticket_is_no_cookie_and_a_cookie_is_no_ticket(target):
    token = open_browser_session(target.people.anna.id)
    ticket = issue_ticket(token)
    assert not is_inside(target, ticket)
    assert target.ask("POST", "/session", json.dumps({"ticket": token})).status == 401
    assert target.ask("POST", f"/session?ticket={ticket}").status == 401
    assert target.ask("POST", "/session", json.dumps({"ticket": ticket})).status == 204


# -------------------------------------------------------------------------------------------------- foreign pages


@pytest.mark.parametrize("origin", ELSEWHERE)
def test_a_foreign_page_signs_nobody_in_or_out_and_opens_no_websocket(target, origin):
    token = open_browser_session(target.people.anna.id)
    cookie = f"{COOKIE}={token}"
    assert signed_in(target, token, Origin=origin).status == 403
    assert target.ask("DELETE", "/session", Origin=origin, Cookie=cookie).status == 403
    assert who(token) is not None
    with pytest.raises(InvalidStatus) as refused, target.tab(token, origin=origin):
        pass
    assert refused.value.response.status_code == 403


def test_no_foreign_page_is_trusted_by_the_page_itself(target):
    """Streamlit's own list names everything that is hosted at its address, by whomever."""
    assert json.loads(target.ask("GET", "/_stcore/host-config").body)["allowedOrigins"] == []
    assert target.ask("GET", "/").headers["cross-origin-opener-policy"] == "same-origin"
    for path in ("/_stcore/health", "/_stcore/host-config", "/", "/media/x"):
        assert "access-control-allow-origin" not in target.ask("GET", path, Origin="https://evil.example").headers


@pytest.mark.parametrize("host", ["evil.example", "evil.example/?", "127.0.0.1?", "127.0.0.1#", "x\\y", "a@b"])
def test_the_name_in_the_request_opens_no_door(target, host):
    """A Host with a question mark in it moves the path out of an address that is put together again."""
    for path, expected in (("/media/none.csv", 403), ("/_stcore/metrics", 404)):
        assert target.ask("GET", path, Host=host).status in (expected, 400)
    moved = target.ask("GET", "/customers/", Host=host)
    assert moved.headers.get("location", "/").startswith("/") and host not in moved.body


@pytest.mark.parametrize(
    "path",
    [
        "/?next=https://evil.example/",
        "/?redirect=//evil.example",
        "//evil.example/",
        "/%2f%2fevil.example/",
        "/%5cevil.example/",
        "/\\evil.example/",
        "/customers//",
        "/auth/login?provider=x&next=https://evil.example",
        "/oauth2callback?state=x&redirect_uri=https://evil.example",
        "/auth/logout?next=https://evil.example",
    ],
)
def test_no_address_leads_elsewhere(target, path):
    location = target.ask("GET", path).headers.get("location", "/")
    assert location.startswith("/") and not location.startswith(("//", "/\\")) and "evil" not in location


# ----------------------------------------------------------------------------------------------------- every route

ROUTES = [
    ("GET", "/"),
    ("GET", "/customers"),
    ("GET", "/nowhere/at/all"),
    ("GET", "/session"),
    ("PUT", "/session"),
    ("POST", "/session"),
    ("DELETE", "/session"),
    ("TRACE", "/session"),
    ("GET", "/healthz"),
    ("POST", "/healthz"),
    ("GET", "/_stcore/health"),
    ("GET", "/_stcore/host-config"),
    ("GET", "/_stcore/metrics"),
    ("GET", "/_stcore/script-health-check"),
    ("GET", "/media/none.csv"),
    ("PUT", "/_stcore/upload_file/a/b"),
    ("OPTIONS", "/_stcore/upload_file/a/b"),
    ("GET", "/component/none/index.html"),
    ("GET", "/_stcore/bidi-components/none"),
    ("GET", "/app/static/favicon.svg"),
    ("GET", "/app/static/none.svg"),
    ("GET", "/static/none.js"),
    ("GET", "/app/static/../../crm/settings.py"),
    ("GET", "//double"),
    ("GET", "/auth/login"),
    ("TRACE", "/"),
    ("POST", "/"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_answer_carries_the_headers(target, method, path):
    headers = target.ask(method, path).headers
    policy = headers["content-security-policy"]
    for rule in ("default-src 'self'", "connect-src 'self';", "object-src 'none'", "base-uri 'self'", "form-action 'self'"):
        assert rule in policy
    assert "http" not in policy and "ws:" not in policy and "*" not in policy
    assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "SAMEORIGIN")
    assert headers["referrer-policy"] in ("same-origin", "no-referrer")


def test_odd_methods_do_nothing(target):
    token = open_browser_session(target.people.anna.id)
    cookie = f"{COOKIE}={token}"
    for method in ("PUT", "PATCH", "TRACE", "OPTIONS"):
        assert target.ask(method, "/session", Cookie=cookie).status == 405
    assert target.ask("GET", "/session", Cookie=cookie, X_HTTP_Method_Override="DELETE").cookies == ()
    assert target.ask("TRACE", "/", Cookie=cookie).status == 405
    assert who(token) is not None


@pytest.mark.parametrize(
    "path",
    [
        "/data/crm.db",
        "/.streamlit/config.toml",
        "/app/static/../crm/settings.py",
        "/app/static/%2e%2e/crm/settings.py",
        "/app/static/..%5ccrm%5csettings.py",
        "/app/static//etc/passwd",
        "/component/../../crm/settings.py",
        "/_stcore/bidi-components/crm/../../../crm/settings.py",
        "/.env",
    ],
)
def test_no_file_of_the_server_is_given_out(target, path):
    answer = target.ask("GET", path)
    assert answer.status in (400, 404) or "<!doctype html>" in answer.body.lower()
    assert "SQLite format" not in answer.body and "BaseSettings" not in answer.body and "[server]" not in answer.body


# -------------------------------------------------------------------------------------------------------- uploads


def upload(target, session_id: str, token: str, *, xsrf: bool = True) -> int:
    body = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f.csv"\r\nContent-Type: text/csv\r\n\r\na,b\r\n--b--\r\n'
    guard = target.ask("GET", "/_stcore/health").cookies[0].split(";")[0]
    headers = {"Content_Type": "multipart/form-data; boundary=b", "Cookie": f"{guard}; {COOKIE}={token}"}
    if xsrf:
        headers["X_Xsrftoken"] = guard.split("=", 1)[1]
    return target.ask("PUT", f"/_stcore/upload_file/{session_id}/file", body, **headers).status


def test_a_stranger_cannot_fill_the_memory_with_files(target):
    """The sign-in page gives everybody a page of his own, and with it a place for files."""
    token = open_browser_session(target.people.anna.id)
    with target.tab() as stranger, target.tab(token) as anna:
        stranger.read()
        anna.read()
        assert stranger.session_id and anna.session_id
        assert upload(target, stranger.session_id, "") == 403
        assert upload(target, anna.session_id, "made up") == 403
        assert upload(target, anna.session_id, token, xsrf=False) == 403
        assert upload(target, "another", token) == 400
        assert upload(target, anna.session_id, token) == 204
        sign_out(token)
        assert upload(target, anna.session_id, token) == 403
