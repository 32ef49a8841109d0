"""What was reached of each target."""

from crm.staff.sign_in import SignedIn
from crm.ui.show import empty


def attainment(person: SignedIn) -> None:
    empty("Nothing here yet.")
