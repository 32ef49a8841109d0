"""Every text a person reads: the English template stands in the code and is the key, the Chinese one in zh.toml."""

from string import Formatter
from typing import Any

from crm.words.catalogue import translation
from crm.words.formats import spoken
from crm.words.language import Language, language, speaking, use_language_from

__all__ = ["Language", "label", "language", "say", "speaking", "use_language_from"]

INITIALS = {"aa", "aaa", "cac", "clv", "csv", "id", "mroi", "rfm", "roi", "sku", "sla", "url", "vat", "vip", "xlsx"}

WHOLE = {"waiting_customer": "With the customer", "waiting_third": "With a third party"}
"""Codes whose words alone are no English."""


class _Sentence(Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        """`{count:customer|customers}` is a number with its noun; any other value is written as its type wants."""
        if "|" not in format_spec:
            return spoken(value)
        one, many = format_spec.split("|")
        return f"{spoken(value)} {one if value == 1 else many}"


def say(template: str, **values: Any) -> str:
    """The text in the current language with its values filled in; a text without a Chinese line stays English."""
    found = translation(template)
    return _Sentence().vformat(found, (), values) if values else found


def label(column: str, of: str = "") -> str:
    """A column or code as a person reads it: `last_contact` -> Last contact, `owner_id` -> Owner; then as `say`.

    English has one word where Chinese needs two (a sales lead, the lead of a team): `label("lead", of="role")` prefers
    the line "role: Lead".
    """
    english = english_label(column)
    qualified = f"{of}: {english}"
    found = say(qualified) if of else qualified
    return say(english) if found == qualified else found


def english_label(column: str) -> str:
    if column in WHOLE:
        return WHOLE[column]
    first, *rest = [word.upper() if word in INITIALS else word for word in column.removesuffix("_id").split("_")]
    return " ".join([first[:1].upper() + first[1:], *rest])
