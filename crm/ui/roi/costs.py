"""What campaigns and sales cost."""

from crm.staff.sign_in import SignedIn
from crm.ui.show import empty


def costs(person: SignedIn) -> None:
    empty("Nothing here yet.")
