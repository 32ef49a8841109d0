"""What the customers of each person became worth."""

from crm.staff.sign_in import SignedIn
from crm.ui.show import empty


def value(person: SignedIn) -> None:
    empty("Nothing here yet.")
