"""What a person does at the screen, in words of the product."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, TimeoutError, expect

from tests.people import PASSWORD


@dataclass
class Screen:
    page: Page

    def sign_in(self, username: str, password: str = PASSWORD) -> None:
        """Done when the browser has its cookie."""
        try:
            with self.page.expect_response(lambda answer: answer.url.endswith("/session")) as fetched:
                self.try_password(username, password)
        except TimeoutError as error:
            seen = self.page.locator("[data-testid=stApp]").inner_text()
            raise AssertionError(f"{username} is not signed in at {self.page.url}. The page says: {seen}") from error
        assert fetched.value.status == 204, f"the cookie is refused to {username}: {fetched.value.status}"
        expect(self.page.locator("h1")).to_be_visible()
        self.settle()

    def try_password(self, username: str, password: str) -> None:
        self.settle()
        self.page.get_by_label(re.compile("^(User name|用户名)$")).fill(username)
        self.page.locator("input[type=password]").fill(password)
        self.page.get_by_role("button", name=re.compile("^(Sign in|登录)$")).click()
        self.settle()

    def settle(self) -> None:
        """The run that a click started is over."""
        self.page.wait_for_timeout(200)
        self.page.locator("[data-testid=stApp][data-test-connection-state=CONNECTED]").wait_for()
        self.page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
        expect(self.page.locator("[data-stale=true]")).to_have_count(0)

    def go(self, address: str) -> None:
        """To another page of the product, as Back and Forward do: without loading the product anew."""
        self.page.evaluate("to => { history.pushState({}, '', to); dispatchEvent(new PopStateEvent('popstate')) }", address)
        self.settle()

    def title(self, text: str) -> None:
        expect(self.page.locator("h1")).to_have_text(text)

    def says(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.locator("[data-testid=stMain]")).to_contain_text(text)

    def widget(self, key: str) -> Locator:
        """A keyed widget by its class, which Streamlit makes of the key."""
        return self.page.locator(f".st-key-{re.sub('[^a-zA-Z0-9_-]', '-', key)}")

    def press(self, key: str) -> None:
        self.widget(key).get_by_role("button").first.click()
        self.settle()

    def pick(self, menu: str, option: str) -> None:
        self.widget(menu).get_by_role("button").click()
        self.page.get_by_role("menuitem", name=option).click()
        self.settle()

    def offers(self, menu: str) -> list[str]:
        """What a menu has to choose from; it is closed again."""
        self.widget(menu).get_by_role("button").click()
        self.page.get_by_role("menuitem").first.wait_for()
        found = self.page.get_by_role("menuitem").locator("p").all_inner_texts()
        self.page.keyboard.press("Escape")
        return [text.split("\n")[-1].strip() for text in found]

    def fill(self, key: str, text: str) -> None:
        self.widget(key).locator("input, textarea").first.fill(text)

    def choose(self, key: str, option: str) -> None:
        box = self.widget(key).locator("input").first
        box.click()
        box.press("ArrowDown")
        self.page.get_by_role("option", name=option).first.click()

    def submit(self, label: str) -> None:
        self.page.get_by_role("button", name=label, exact=True).last.click()
        self.settle()

    def click_cell(self, table: str, row: int = 0, x: int = 120) -> None:
        """A cell of a table: the rows are drawn, not elements. Heading and rows are 35 pixels high."""
        grid = self.page.locator(f"[class*='st-key-{table}'] [data-testid=stDataFrame]").first
        grid.wait_for()
        grid.click(position={"x": x, "y": 35 * (row + 1) + 17})
        self.settle()

    def tick(self, table: str, row: int = 0) -> None:
        """A click on a table that is drawn anew at that moment is lost: then once more."""
        chosen = self.page.locator(f"[class*='st-key-{table}'] [data-testid=stDataFrame] tr[aria-selected=true]").first
        for _ in range(3):
            self.click_cell(table, row, x=15)
            with suppress(TimeoutError):
                return chosen.wait_for(state="attached", timeout=5_000)
        raise AssertionError(f"Row {row} of {table} cannot be ticked.")
