"""The six figures, each with its rows."""

from crm.staff.sign_in import SignedIn
from crm.ui.show import empty


def ledger(person: SignedIn) -> None:
    empty("Nothing here yet.")
