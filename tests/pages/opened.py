"""A page as somebody sees it, through the frame and signed in; and the body of a dialog, which a page test cannot submit."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from crm.settings import ROOT
from crm.staff.sign_in import open_browser_session
from crm.words import Language
from tests.people import Person

# Every AppTest looks through all installed packages for components: a third of its time, and always the same answer.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)

_pages: dict[Any, Any] = {}
"""The address of every page, the same for everybody: learned at the first run, so that later ones go straight to their page."""


def opened(path: str, person: Person, /, language: Language = "en", **query: Any) -> AppTest:
    """The page file `path` with `query` in its address."""
    at = _signed_in(AppTest.from_file(str(ROOT / "Home.py"), default_timeout=30), person, language)
    if not _pages:
        _pages.update(at.run()._registered_pages)
    at._registered_pages = _pages
    at.switch_page(path)
    for name, value in query.items():
        at.query_params[name] = [str(one) for one in value] if isinstance(value, list) else str(value)
    return at.run()


def dialog(body: Callable[..., Any], person: Person, *arguments: Any) -> AppTest:
    """What a dialog draws. `body` is read as source: it imports what it needs."""
    at = AppTest.from_function(body, default_timeout=30, args=arguments)
    return _signed_in(at, person, "en").run()


def _signed_in(at: AppTest, person: Person, language: Language) -> AppTest:
    at.session_state["_token"] = open_browser_session(person.id)
    at.session_state["_language"] = language
    return at


def texts(at: AppTest) -> str:
    """All that is written on the page: to look for a sentence in."""
    kinds = (at.markdown, at.caption, at.title, at.error, at.warning, at.button, at.text_input, at.selectbox, at.radio)
    return "\n".join(str(getattr(one, "label", "") or "") + str(one.value) for kind in kinds for one in kind)


def keys(at: AppTest) -> set[str]:
    return {button.key for button in at.button if button.key}


def offers(at: AppTest, key: str) -> list[str]:
    """What a menu has to choose from, without its signs."""
    return [option.split(": ", 1)[-1] for option in at.menu_button(key=key).options]


__all__ = ["dialog", "keys", "offers", "opened", "texts"]
