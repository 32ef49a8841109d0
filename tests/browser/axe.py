"""axe-core looks at a page as it stands there: what it calls serious or critical, and what of it is Streamlit's own.

A group of a chart in which nothing is drawn (yet, or any more) shows nothing that could be told."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from playwright.sync_api import Page

from tests.conftest import missing

INSTALLED = Path(sys.prefix) / "axe" / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")
LOOK = """async ([rules, grave, known]) => {
    const asked = {resultTypes: ['violations'], elementRef: true, ...(rules && {runOnly: {type: 'rule', values: rules}})}
    const {violations} = await axe.run(document, asked)
    const found = [], met = []
    for (const {id, impact, nodes} of violations.filter(one => grave.includes(one.impact)))
        for (const node of nodes.filter(one => !one.element.matches('g.mark-symbol:empty'))) {
            const place = known.findIndex(([rule, selector]) => rule === id && node.element.matches(selector))
            if (place >= 0) met.push(place)
            else found.push(`${id} (${impact}) ${node.target.join(' ')} ${node.html.slice(0, 200)} ${node.failureSummary}`)
        }
    return [found, met]
}"""


@dataclass(frozen=True)
class Known:
    """A finding that the product cannot mend."""

    rule: str
    selector: str
    reason: str


@dataclass
class Looked:
    """What was found on all the pages that were looked at, and which of the known findings are still there."""

    known: Sequence[Known]
    found: list[str] = field(default_factory=list)
    met: set[int] = field(default_factory=set)
    places: int = 0

    def at(self, page: Page, name: str, rules: Sequence[str] = ()) -> None:
        """Of all rules, or of these; `name` tells the reader where it was."""
        if not page.evaluate("typeof axe === 'object'"):
            page.evaluate(axe_core())
        page.mouse.move(0, 0)  # what a chart shows under the pointer comes and goes
        known = [(one.rule, one.selector) for one in self.known]
        found, met = page.evaluate(LOOK, [list(rules) or None, GRAVE, known])
        self.found += [f"{name}: {one}" for one in found]
        self.met |= set(met)
        self.places += 1

    def gone(self) -> list[Known]:
        return [one for place, one in enumerate(self.known) if place not in self.met]


@cache
def axe_core() -> str:
    if not INSTALLED.exists():
        missing("axe-core is not installed: run scripts/test-machine.")
    return INSTALLED.read_text(encoding="utf-8")
