"""What a browser says and asks for while somebody uses it: nothing may go wrong in it, and nothing may leave the machine."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage

PROBED = "/_stcore/"
"""Of an address deep in the product Streamlit tries where the server answers: two of these are not there."""
INSIDE = ("data:", "blob:")


@dataclass
class Heard:
    server: str
    wrong: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def listen(self, context: BrowserContext) -> None:
        context.on("console", self._said)
        context.on("weberror", lambda error: self.wrong.append(str(error.error)))
        context.on("request", lambda request: self.asked.append(request.url))
        context.on("page", lambda page: page.on("websocket", lambda socket: self.asked.append(socket.url)))

    def _said(self, line: ConsoleMessage) -> None:
        if line.type == "error" and PROBED not in line.location["url"]:
            self.wrong.append(f"{line.text} ({line.location['url']})")

    def elsewhere(self) -> list[str]:
        """Addresses on another machine, or of another program on this one."""
        here = urlsplit(self.server).netloc
        return [url for url in self.asked if not url.startswith(INSIDE) and urlsplit(url).netloc != here]

    def check(self) -> None:
        assert self.elsewhere() == [], "asked of another machine"
        assert self.wrong == [], "errors in the console of the browser"
