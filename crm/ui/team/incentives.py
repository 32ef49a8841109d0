"""What attainment pays."""

from crm.staff.sign_in import SignedIn
from crm.ui.show import empty


def incentives(person: SignedIn) -> None:
    empty("Nothing here yet.")
