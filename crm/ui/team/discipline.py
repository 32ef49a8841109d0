"""Who keeps the rules of the policy."""

from crm.staff.sign_in import SignedIn
from crm.ui.show import empty


def discipline(person: SignedIn) -> None:
    empty("Nothing here yet.")
