"""Evaluations by weighted criteria."""

from crm.staff.sign_in import SignedIn
from crm.ui.show import empty


def evaluations(person: SignedIn) -> None:
    empty("Nothing here yet.")
