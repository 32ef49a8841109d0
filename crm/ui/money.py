"""Amounts with the currency of the board they belong to; sums of different currencies stay apart."""

from __future__ import annotations

from crm.staff.sign_in import SignedIn
from crm.words.formats import money, short_money


def currency_of(person: SignedIn) -> str | None:
    """The one currency of all the boards a person sees, or None when there are several."""
    found = {board.currency for board in person.boards}
    return found.pop() if len(found) == 1 else None


def board_currency(person: SignedIn, board_id: int) -> str:
    """Of a board that he sees, else of all the boards he sees."""
    return next((board.currency for board in person.boards if board.id == board_id), currency_of(person) or "CNY")


def in_one_currency(name: str, by_currency: dict[str, float]) -> dict[str, float]:
    """A sum under its name, for what a list says of itself; nothing where it is of several currencies."""
    return {name: sum(by_currency.values())} if len(by_currency) <= 1 else {}


def amounts(by_currency: dict[str, float], short: bool = False) -> str:
    """{"CNY": 12.5, "USD": 3} -> "CN¥12.50 · US$3.00", largest first; nothing -> a dash."""
    write = short_money if short else money
    ordered = sorted(by_currency.items(), key=lambda pair: -abs(pair[1]))
    return " · ".join(write(amount, currency) for currency, amount in ordered) or "–"
