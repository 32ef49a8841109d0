"""Who stands where."""

from crm.staff.sign_in import SignedIn
from crm.ui.show import empty


def leaderboard(person: SignedIn) -> None:
    empty("Nothing here yet.")
