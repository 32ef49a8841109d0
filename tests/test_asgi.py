"""The product behind HTTP, as `python -m crm serve` starts it: a real server, asked as a browser and as others would ask."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from crm.access import SYSTEM
from crm.session import open_as
from crm.settings import ROOT
from crm.staff.sign_in import COOKIE, issue_ticket, open_browser_session, who
from tests.conftest import pointed_at
from tests.people import People, people_of


@dataclass(frozen=True)
class Site:
    port: int
    people: People

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> HTTPResponse:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(
            method, path, json.dumps(body) if body is not None else None, {k.replace("_", "-"): v for k, v in headers.items()}
        )
        return connection.getresponse()

    def sign_in(self, **headers: str) -> tuple[HTTPResponse, str]:
        token = open_browser_session(self.people.anna.id)
        return self.ask("POST", "/session", {"ticket": issue_ticket(token)}, **headers), token


@pytest.fixture(scope="module")
def site(templates: dict[bool, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    url = f"sqlite:///{folder / 'crm.db'}"
    (folder / "crm.db").write_bytes(templates[True].read_bytes())
    with pointed_at(url, folder), socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        options = ["--server.address=127.0.0.1", f"--server.port={port}"]
        command = [sys.executable, "-m", "streamlit", "run", "asgi.py", *options]
        server = subprocess.Popen(command, cwd=ROOT, env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            told = []
            for line in server.stdout or ():
                told.append(line)
                if "You can now view" in line:
                    break
            else:
                pytest.fail("The server did not start:\n" + "".join(told))
            with open_as(SYSTEM) as session:
                yield Site(port, people_of(session))
        finally:
            server.terminate()
            server.wait(20)


def test_it_works(site):
    answer, token = site.sign_in(Sec_Fetch_Site="same-origin", Origin=f"http://127.0.0.1:{site.port}")
    cookie = answer.headers["set-cookie"].lower()
    assert answer.status == 204 and cookie.startswith(f"{COOKIE}={token}".lower())
    assert "httponly" in cookie and "samesite=lax" in cookie and "path=/" in cookie and "max-age=604800" in cookie
    assert "secure" not in cookie


def test_behind_https_the_cookie_is_secure(site):
    answer, _ = site.sign_in(X_Forwarded_Proto="https")
    assert "secure" in answer.headers["set-cookie"].lower()


def test_a_ticket_works_once(site):
    ticket = issue_ticket(open_browser_session(site.people.anna.id))
    assert [site.ask("POST", "/session", {"ticket": ticket}).status for _ in range(2)] == [204, 401]


@pytest.mark.parametrize("body", [None, {}, [], {"ticket": None}, {"ticket": ["x"]}, {"ticket": "made up"}, "x"])
def test_nonsense_gives_no_cookie(site, body):
    answer = site.ask("POST", "/session", body)
    assert answer.status == 401 and answer.headers["set-cookie"] is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
    ],
)
def test_another_site_signs_nobody_in_or_out(site, headers):
    answer, token = site.sign_in(**headers)
    assert answer.status == 403 and answer.headers["set-cookie"] is None
    assert site.ask("DELETE", "/session", Cookie=f"{COOKIE}={token}", **headers).status == 403
    assert who(token) is not None


def test_signing_out_ends_the_session_and_drops_the_cookie(site):
    _, token = site.sign_in()
    answer = site.ask("DELETE", "/session", Cookie=f"{COOKIE}={token}")
    assert answer.status == 204 and "max-age=0" in answer.headers["set-cookie"].lower()
    assert who(token) is None
    assert site.ask("DELETE", "/session").status == 204


def test_files_are_for_those_who_are_signed_in(site):
    """404 is Streamlit's answer for a file that is gone: the request came through."""
    _, token = site.sign_in()
    asked = {"stranger": "", "liar": f"{COOKIE}=made-up", "anna": f"{COOKIE}={token}"}
    assert {name: site.ask("GET", "/media/abc.csv", Cookie=cookie).status for name, cookie in asked.items()} == {
        "stranger": 403,
        "liar": 403,
        "anna": 404,
    }


def test_the_figures_of_the_server_are_not_public(site):
    assert site.ask("GET", "/_stcore/metrics").status == 404
    assert site.ask("GET", "/_stcore/health").status == 200


def test_health_says_no_more_than_it_must(site):
    answer = site.ask("GET", "/healthz")
    assert (answer.status, json.loads(answer.read())) == (200, {"ok": True})


@pytest.mark.parametrize("path", ["/", "/healthz", "/customers", "/app/static/favicon.svg"])
def test_every_answer_is_protected(site, path):
    headers = site.ask("GET", path).headers
    assert (
        "default-src 'self'" in headers["content-security-policy"]
        and "frame-ancestors 'self'" in headers["content-security-policy"]
    )
    assert (headers["x-frame-options"], headers["x-content-type-options"]) == ("SAMEORIGIN", "nosniff")
    assert headers["referrer-policy"] == "same-origin"
    assert headers["permissions-policy"] == "camera=(self), geolocation=(self), microphone=()"


def test_the_link_of_a_survey_is_kept_nowhere_and_told_to_nobody(site):
    """Its address is a key: no copy in a cache, no mention to other sites, none in a search engine."""
    for path in ("/survey?token=a-secret", "/survey/?token=a-secret"):
        headers = site.ask("GET", path).headers
        assert headers["cache-control"] == "no-store" and headers["referrer-policy"] == "no-referrer", path
        assert "noindex" in headers["x-robots-tag"]
    assert site.ask("GET", "/customers").headers["referrer-policy"] == "same-origin"
