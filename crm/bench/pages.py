"""How long the server works for a page: processor time and wall time of a run, asked for over Streamlit's own websocket."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle
from urllib.parse import quote

from sqlalchemy import select

from crm.access import SYSTEM
from crm.bench.client import Tab, tab
from crm.bench.place import Place
from crm.bench.report import judged, milliseconds, percentile, table
from crm.bench.server import Server, cookie_of, running
from crm.customers.models import Customer
from crm.office.commands import put_setting
from crm.pipeline.models import Opportunity, OpportunityState
from crm.session import open_as, outdate
from crm.staff.models import User
from crm.support.models import OPEN, Case
from crm.tables import metadata

RUNS = 10
LIMIT = 30.0
"""Seconds for one scene, in case it is slow."""
CPU, CPU_CUSTOMER, P95, COLD = 0.025, 0.040, 0.100, 3.0
"""Targets, in seconds."""
WORDS = ("barlow", "winslow", "marlow", "sterling", "talbot", "whitlock", "prescott", "lockwood", "hartwell", "mercer", "kemper")
CHINESE = ("华锐", "恒泰", "天成", "永信", "模具", "轴承", "海燕", "中诚", "长兴", "飞跃", "科明")
WHO = {
    "executive": "who sees all",
    "director1": "who sees one board of three",
    "rep1.1.1": "a sales representative, who sees his own",
}
LIST, BOARD, FACTS = 0.050, 0.200, 0.500
"""Targets of the pages of the pipeline, of the service and of performance, in seconds of processor time."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A page and the different ways of asking for it; without an element of the kind `shows` the page did not work."""

    name: str
    page: str
    queries: tuple[str, ...]
    shows: str = "dataframe"
    cpu: float | None = CPU


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds per run."""

    runs: int
    cpu: float
    median: float
    p95: float


def scenes(customer_ids: list[int], deal_ids: list[int], case_ids: list[int]) -> list[Scene]:
    deals = tuple(f"opportunity={number}" for number in deal_ids)
    cases = tuple(f"case={number}" for number in case_ids)
    return [
        Scene("Customers", "customers", ("",)),
        Scene("Search, three letters and more", "customers", tuple(f"search={word}" for word in WORDS), "markdown"),
        Scene("Search, two Chinese characters", "customers", tuple(f"search={quote(word)}" for word in CHINESE), "markdown"),
        Scene("Customers, page 50", "customers", ("page=50",)),
        Scene("A customer", "customer", tuple(f"customer={number}" for number in customer_ids), "plotly_chart", CPU_CUSTOMER),
        Scene("Overview", "", ("",), "markdown", FACTS),
        Scene("Pipeline, list", "pipeline", ("show=list",), cpu=LIST),
        Scene("Pipeline, board", "pipeline", ("show=board",), "markdown", BOARD),
        Scene("An opportunity", "opportunity", deals, "markdown", BOARD),
        Scene("Funnel", "funnel", ("",), "plotly_chart", FACTS),
        Scene("Forecast", "forecast", ("",), "plotly_chart", FACTS),
        Scene("Cases, queue", "cases", ("show=queue&whose=all",), cpu=FACTS),
        Scene("Cases, list", "cases", ("show=list",), cpu=BOARD),
        Scene("A case", "case", cases, "markdown", BOARD),
        Scene("Service figures", "service", ("show=figures",), "plotly_chart", FACTS),
        Scene("Complaints", "service", ("show=complaints",), "bidi_component", FACTS),
        Scene("Satisfaction", "service", ("show=satisfaction",), "plotly_chart", FACTS),
        Scene("Calendar, month", "calendar", ("show=month",), "bidi_component", FACTS),
        Scene("Calendar, week", "calendar", ("show=week",), "bidi_component", FACTS),
        Scene("Inbox", "inbox", ("",), "markdown", FACTS),
        Scene("Attainment, month", "targets", ("show=attainment&measure=revenue&period=month",), "metric", FACTS),
        Scene("Targets, attainment", "targets", ("show=attainment&measure=revenue&period=quarter",), "metric", FACTS),
        Scene("Attainment, year", "targets", ("show=attainment&measure=revenue&period=year",), "metric", FACTS),
        Scene("Attainment, won deals", "targets", ("show=attainment&measure=won_deals&period=year",), "metric", FACTS),
        Scene("Attainment, activities", "targets", ("show=attainment&measure=activities&period=quarter",), "metric", FACTS),
        Scene("Attainment, all measures", "targets", ("show=attainment&measure=all&period=quarter",), "metric", FACTS),
        Scene("Targets, plans", "targets", ("show=plans",), cpu=FACTS),
        Scene("Leaderboard", "team", ("show=leaderboard",), "plotly_chart", FACTS),
        Scene("Change of value", "team", ("show=value",), "metric", FACTS),
        Scene("Evaluations", "team", ("show=evaluations",), "markdown", FACTS),
        Scene("Incentives", "team", ("show=incentives",), "markdown", FACTS),
        Scene("Discipline", "team", ("show=discipline",), cpu=FACTS),
        Scene("ROI, ledger", "roi", ("show=ledger",), "metric", FACTS),
        Scene("ROI, two periods", "roi", ("show=compare",), cpu=FACTS),
        Scene("ROI, costs", "roi", ("show=costs",), "markdown", FACTS),
    ]


def measure(place: Place, tell: Callable[[str], None] = print) -> str:
    """-> the section of the report."""
    parts = [f"A page for the first signed-in person after a cold start: {_cold_start(place, tell)} (target {COLD:.0f} s)."]
    for username, sight in WHO.items():
        with running(place) as server, tab(server, cookie_of(username)) as browser:
            rows = [_row(scene, server, browser, tell) for scene in scenes(_customers(username), _deals(), _cases())]
        parts.append(f"As {username.rstrip('.1')}, {sight}:\n\n{table(_COLUMNS, rows)}")
    return "\n\n".join([*parts, _NOTE])


_COLUMNS = ("Page", "CPU, after a change", "p50", "p95", "CPU, again", "p50", "p95", "Target CPU, p95")
_NOTE = (
    "“After a change”: before every single run a record changed, and rows of all tables counted as changed, so that no answer "
    "kept from an earlier run is of use. "
    "“Again”: nothing changed since. CPU is the processor time of the whole server process divided by the runs, every run a full "
    f"one (as after a click on the menu), {RUNS} of them, or as many as {LIMIT:.0f} s allow. Bold: over target."
)


def _row(scene: Scene, server: Server, browser: Tab, tell: Callable[[str], None]) -> list[str]:
    changed = _run(scene, server, browser, before=lambda number: _change(number))
    again = _run(scene, server, browser)
    target = f"{milliseconds(scene.cpu)}, {milliseconds(P95)}" if scene.cpu else "—"
    limit = P95 if scene.cpu else None
    cells = [
        judged(value, goal)
        for each in (changed, again)
        for value, goal in ((each.cpu, scene.cpu), (each.median, None), (each.p95, limit))
    ]
    tell(f"{scene.name}: {', '.join(cells)} ({changed.runs} and {again.runs} runs)")
    return [scene.name, *cells, target]


def _run(scene: Scene, server: Server, browser: Tab, before: Callable[[int], None] = lambda number: None) -> Figures:
    for query in scene.queries[:RUNS]:
        if scene.shows not in browser.open(scene.page, query).elements:
            raise RuntimeError(f"{scene.name} does not show what it should.")
    walls, end, cpu = [], time.perf_counter() + LIMIT, 0.0
    for number, query in zip(range(RUNS), cycle(scene.queries), strict=False):
        before(number)
        start = server.cpu()
        walls.append(browser.open(scene.page, query).seconds)
        cpu += server.cpu() - start
        if time.perf_counter() > end:
            break
    return Figures(len(walls), cpu / len(walls), statistics.median(walls), percentile(walls, 0.95))


def _change(number: int) -> None:
    """As if rows of every table had changed: nothing that a page keeps is of use."""
    with open_as(SYSTEM) as session:
        put_setting(session, "bench", {"run": number, "at": time.time()})
        outdate(session, *metadata.tables)


def _customers(username: str) -> list[int]:
    """Some customers that this person sees, with an order history like most."""
    rep = select(User.id).where(User.username == username).scalar_subquery()
    team = {"executive": Customer.id > 0, "director1": Customer.team_id == 3}.get(username, Customer.owner_id == rep)
    with open_as(SYSTEM) as session:
        return list(session.scalars(select(Customer.id).where(team, Customer.order_count.between(3, 12)).limit(20)))


def _deals() -> list[int]:
    """Some open deals of the first representative, whom everybody measured here sees."""
    with open_as(SYSTEM) as session:
        owner = select(User.id).where(User.username == "rep1.1.1").scalar_subquery()
        query = select(Opportunity.id).where(Opportunity.owner_id == owner, Opportunity.state == OpportunityState.OPEN)
        return list(session.scalars(query.limit(20)))


def _cases() -> list[int]:
    """Some open cases of customers of the first representative, whom everybody measured here sees."""
    with open_as(SYSTEM) as session:
        owner = select(User.id).where(User.username == "rep1.1.1").scalar_subquery()
        theirs = select(Customer.id).where(Customer.owner_id == owner)
        return list(session.scalars(select(Case.id).where(Case.customer_id.in_(theirs), Case.state.in_(OPEN)).limit(20)))


def _cold_start(place: Place, tell: Callable[[str], None]) -> str:
    """Three starts of the process until the first customers page was answered -> the median."""
    found = []
    for _ in range(3):
        cookie = cookie_of("executive")
        with running(place) as server, tab(server, cookie) as browser:
            browser.open("customers")
            found.append(time.perf_counter() - server.started)
    tell(f"Cold start: {', '.join(f'{seconds:.1f} s' for seconds in found)}")
    seconds = statistics.median(found)
    return f"{seconds:.1f} s" if seconds <= COLD else f"**{seconds:.1f} s**"
