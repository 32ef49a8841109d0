"""`python -m tests.browser.pictures` draws docs/pictures anew: the demo company, made for this, as its people see it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from crm.demo.people import PASSWORD
from crm.settings import ROOT
from tests.browser.conftest import PATIENCE, serving
from tests.browser.heard import Heard
from tests.browser.seen import Screen
from tests.conftest import FLAGS, installed_chromium

FOLDER = ROOT / "docs" / "pictures"
DESK, TELEPHONE = (1440, 900), (390, 844)
COLOURS = 200


@dataclass(frozen=True)
class Picture:
    name: str
    username: str
    address: str
    size: tuple[int, int] = DESK
    dark: bool = False
    locale: str = "en-GB"


CHINESE = "zh-CN"
PICTURES = (
    Picture("overview", "director", "/"),
    Picture("targets", "director", "/targets"),
    Picture("service", "director", "/service", dark=True),
    Picture("customer", "rep", "/customer?customer=2469"),
    Picture("pipeline", "lead", "/pipeline"),
    Picture("calendar", "rep", "/calendar", locale=CHINESE),
    Picture("call-today", "rep", "/call-today"),
    Picture("day-telephone", "rep", "/", size=TELEPHONE),
    Picture("cases", "agent", "/cases"),
    Picture("case-telephone", "agent", "/case?case=850", size=TELEPHONE, dark=True),
    Picture("rfm", "analyst", "/rfm"),
    Picture("lifetime-value", "analyst", "/lifetime-value", dark=True),
    Picture("cohorts", "analyst", "/cohorts", locale=CHINESE),
    Picture("who-may-what", "admin", "/who-may-what"),
)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with demo_company() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed_chromium(), args=FLAGS.split())
        for old in FOLDER.glob("*.png"):
            old.unlink()
        for picture in PICTURES:
            taken = take(browser, server, picture)
            (FOLDER / f"{picture.name}.png").write_bytes(taken)
            print(f"{picture.name}.png {len(taken) / 1000:.0f} kB", flush=True)
        browser.close()


@contextmanager
def demo_company() -> Iterator[str]:
    """-> the address of a server, as `make run` starts it; the demo company is the same every time"""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DATABASE_URL": f"sqlite:///{folder}/crm.db", "CRM_DATA_DIR": folder}
        os.environ.pop("CRM_SECRET_KEY", None)
        subprocess.run([sys.executable, "-m", "crm", "setup"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        with serving(Path(folder) / "server.log") as address:
            yield address


def take(browser: Browser, server: str, picture: Picture) -> bytes:
    """-> a PNG with few colours: a screen has hardly more"""
    width, height = picture.size
    context = browser.new_context(
        base_url=server,
        locale=picture.locale,
        viewport={"width": width, "height": height},
        color_scheme="dark" if picture.dark else "light",
    )
    context.set_default_timeout(PATIENCE)
    heard = Heard(server)
    heard.listen(context)
    page = context.new_page()
    page.goto(picture.address)
    screen = Screen(page)
    screen.sign_in(picture.username, PASSWORD)
    stand_still(screen, picture)
    taken = page.screenshot(animations="disabled")
    context.close()
    heard.check()
    few = Image.open(BytesIO(taken)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    out = BytesIO()
    few.save(out, "PNG", optimize=True)
    return out.getvalue()


def stand_still(screen: Screen, picture: Picture) -> None:
    """Charts are drawn after the run is over: wait until two looks are the same."""
    page: Page = screen.page
    page.mouse.move(picture.size[0] / 2, 3)
    screen.settle()
    before = b""
    for _ in range(40):
        page.wait_for_timeout(500)
        now = page.screenshot(animations="disabled")
        if now == before:
            return
        before = now


if __name__ == "__main__":
    main()
