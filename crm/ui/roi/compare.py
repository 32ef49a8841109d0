"""Two periods side by side."""

from crm.staff.sign_in import SignedIn
from crm.ui.show import empty


def compare(person: SignedIn) -> None:
    empty("Nothing here yet.")
