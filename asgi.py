"""The product behind HTTP: session cookie, health, security headers. `python -m crm serve` starts this.

Nothing imported here at the top may declare a Streamlit component: there is no runtime yet to declare it to.
"""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import configure_mappers
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime.pages_manager import PagesManager

from crm import migrations
from crm.errors import Outage
from crm.settings import settings
from crm.staff import known
from crm.staff.sign_in import COOKIE, redeem_ticket, sign_out, who
from crm.ui.menu import PAGES, PUBLIC

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
    "worker-src 'self' blob:; frame-src 'self'; frame-ancestors 'self'; base-uri 'self'; form-action 'self'; object-src 'none'"
)
HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-frame-options": "SAMEORIGIN",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(self), geolocation=(self), microphone=()",
}
SECRET_ADDRESS = {"referrer-policy": "no-referrer", "cache-control": "no-store", "x-robots-tag": "noindex, nofollow"}
"""Of pages whose address is a key in itself."""


# ----------------------------------------------------------------------------------------------------- routes


async def open_session(request: Request) -> Response:
    """A ticket for a cookie that no script can read."""
    if _from_elsewhere(request):
        return Response(status_code=403)
    token = await run_in_threadpool(redeem_ticket, await _ticket(request))
    if token is None:
        return Response(status_code=401)
    response = Response(status_code=204)
    _keep(response, request, COOKIE, token, settings().session_days)
    person = await run_in_threadpool(who, token)
    if person and (mark := await run_in_threadpool(known.mark_for, person.user_id)):
        _keep(response, request, known.COOKIE, mark, known.DAYS)
    return response


def _keep(response: Response, request: Request, name: str, value: str, days: int) -> None:
    secure = _is_https(request)
    response.set_cookie(name, value, max_age=days * 86_400, path="/", httponly=True, samesite="lax", secure=secure)


async def close_session(request: Request) -> Response:
    if _from_elsewhere(request):
        return Response(status_code=403)
    if token := request.cookies.get(COOKIE):
        await run_in_threadpool(sign_out, token)
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=_is_https(request))
    return response


async def home(request: Request) -> Response:
    """Streamlit knows its first page by the empty address alone, and calls its name an unknown page."""
    return RedirectResponse(f"/?{request.url.query}" if request.url.query else "/")


async def healthz(request: Request) -> Response:
    """Is the database there, and of the newest schema? Nothing more is told."""
    healthy = await run_in_threadpool(_is_healthy)
    return JSONResponse({"ok": healthy}, status_code=200 if healthy else 503)


def _is_healthy() -> bool:
    try:
        return migrations.current() == _newest()
    except (SQLAlchemyError, OSError):
        return False


@lru_cache
def _newest() -> str | None:
    return migrations.newest()


async def _ticket(request: Request) -> str:
    try:
        ticket = (await request.json())["ticket"]
    except (ValueError, KeyError, TypeError):
        return ""
    return ticket if isinstance(ticket, str) else ""


def _from_elsewhere(request: Request) -> bool:
    """Another site cannot sign a person in or out. The header is set by the browser, not by the page."""
    return request.headers.get("sec-fetch-site", "same-origin") != "same-origin"


def _foreign(headers: Headers) -> bool:
    """Sent by a page of another address."""
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")


def _is_https(request: Request) -> bool:
    return "https" in (request.url.scheme, request.headers.get("x-forwarded-proto"))


# ------------------------------------------------------------------------------------------------- middleware


class Protection:
    """Security headers on every answer; files come and go for people who are signed in; no figures for strangers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and _foreign(Headers(scope=scope)):
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        secret = scope["path"].strip("/") in PUBLIC

        async def send_protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS | SECRET_ADDRESS if secret else HEADERS)
            await send(message)

        try:
            refusal = await self._refusal(scope["path"], Request(scope))
            await (refusal or self.app)(scope, receive, send_protected)
        except Outage:
            await PlainTextResponse("", status_code=503)(scope, receive, send_protected)

    async def _refusal(self, path: str, request: Request) -> Response | None:
        """Streamlit itself would ask a server of the internet for our own address before it refuses a foreign page."""
        if _foreign(request.headers):
            return PlainTextResponse("", status_code=403)
        if path.startswith("/_stcore/metrics"):
            return PlainTextResponse("", status_code=404)
        if path.startswith(("/media/", "/_stcore/upload_file/")):
            token = request.cookies.get(COOKIE)
            if not token or await run_in_threadpool(who, token) is None:
                return PlainTextResponse("", status_code=403)
        return None


# ------------------------------------------------------------------------------------------------------ start


_COLLECTED = 5_000, 20, 10
"""Objects until the youngest are looked through, and how often before the older ones. By Python's own figures all that the pages
of fifty people hold is looked through every few seconds, and everybody waits for most of a second."""


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """pages/ is opened by Home.py alone, never by its folder; imports are done before the first person comes."""
    PagesManager.uses_pages_directory = False
    for name in ("crm.tables", "crm.ui.frame", "crm.ui.overview", "crm.ui.customer_list", "crm.ui.customer.trade"):
        import_module(name)
    configure_mappers()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTED)
    yield


app = st.App(
    Path(__file__).parent / "Home.py",
    routes=[
        Route("/session", open_session, methods=["POST"]),
        Route("/session", close_session, methods=["DELETE"]),
        Route("/healthz", healthz, methods=["GET"]),
        *(Route(f"/{page.url_path}", home, methods=["GET"]) for page in PAGES if page.default),
    ],
    middleware=[Middleware(Protection)],
    lifespan=lifespan,
)
