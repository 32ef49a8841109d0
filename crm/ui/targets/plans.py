"""Plans and the grid of their targets: the list, or the plan in the address."""

from __future__ import annotations

from crm.staff.sign_in import SignedIn
from crm.targets.queries import plan
from crm.ui.address import number
from crm.ui.desk import find
from crm.ui.targets.listing import listing
from crm.ui.targets.opened import opened


def plans(person: SignedIn) -> None:
    plan_id = number("plan", 0)
    if not plan_id:
        listing(person)
    elif find(plan, plan_id) is not None:
        opened(plan_id)
