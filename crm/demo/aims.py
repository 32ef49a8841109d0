"""By how much the boards of the demo company want more than in the year before, and whose part each team and person is."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from crm.demo.people import DESK, EAST, FIELD, MACHINERY, MUSIC, ONLINE, RENEWALS, SERVICES, WEST
from crm.targets.models import Measure

Teams = dict[str, tuple[str, ...]]

SELLERS: Teams = {EAST: ("lead", "rep", "rep2", "rep3"), WEST: ("lead2", "rep4", "rep5")}
FITTERS: Teams = {FIELD: ("lead6", "agent4", "agent5", "agent6")}
SHOP: Teams = {ONLINE: ("lead3", "rep6", "rep7", "rep8")}
KEEPERS: Teams = {RENEWALS: ("lead4", "rep9", "rep10")}
HOTLINE: Teams = {DESK: ("agent", "agent2", "agent3")}


@dataclass(frozen=True, slots=True)
class Aim:
    """A measure of a board: so many percent more than was reached in the year before; of last year, and of this one."""

    measure: Measure
    last: int | None
    this: int
    teams: Teams
    seasonal: bool = False
    """Split into quarters as the year before went; else into equal parts."""
    monthly: bool = False


AIMS: dict[str, tuple[Aim, ...]] = {
    MACHINERY: (
        Aim(Measure.REVENUE, 10, 10, SELLERS, seasonal=True, monthly=True),
        Aim(Measure.WON, 90, 10, SELLERS, monthly=True),
        Aim(Measure.RECEIPTS, 220, 10, SELLERS),
        Aim(Measure.CONTRACTS, 200, 10, SELLERS),
        Aim(Measure.NEW_CUSTOMERS, None, 10, SELLERS),
        Aim(Measure.ACTIVITIES, 50, 40, SELLERS, monthly=True),
        Aim(Measure.CASES, None, 25, FITTERS, monthly=True),
    ),
    MUSIC: (
        Aim(Measure.REVENUE, None, -63, SHOP, monthly=True),
        Aim(Measure.ACTIVITIES, None, 250, SHOP),
    ),
    SERVICES: (
        Aim(Measure.REVENUE, 60, -15, KEEPERS, seasonal=True, monthly=True),
        Aim(Measure.NEW_CUSTOMERS, None, -30, KEEPERS),
        Aim(Measure.ACTIVITIES, None, 170, KEEPERS | HOTLINE),
        Aim(Measure.CASES, None, 10, HOTLINE, monthly=True),
    ),
}
LEADERS = {MACHINERY: "director", MUSIC: "director2", SERVICES: "director3"}
MARKS = {MACHINERY: (FITTERS, Decimal("3.7")), SERVICES: (HOTLINE, Decimal("4.1"))}
"""By board: who is marked by the customers, and how high the marks should be on average."""
WORTH = {MACHINERY: (SELLERS, 250_000), SERVICES: (KEEPERS, 50_000)}
"""By board: by how much the customers of each person should be worth more after a quarter."""
FIRST_QUARTERS = (28_000, 9_000, 7_000, 6_500)
"""Of each person of the music board in its first year: nothing was known of it."""
MORE = {"stretch_percent": Decimal(8), "challenge_percent": Decimal(18)}
GOODS = 3
"""So many products and categories have a target of their own."""
