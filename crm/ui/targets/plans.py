"""Plans and the grid of their targets."""

from crm.staff.sign_in import SignedIn
from crm.ui.show import empty


def plans(person: SignedIn) -> None:
    empty("Nothing here yet.")
