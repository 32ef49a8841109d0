"""Every table, imported once: for migrations, access limits and tests; and the words in which people meet them."""

from collections.abc import Iterator
from enum import StrEnum
from importlib import import_module
from typing import Any

from pydantic import BaseModel

from crm.access import AREAS, GRANTS, Role, Sealed
from crm.audit import AuditEntry
from crm.catalogue import models as catalogue
from crm.contracts import models as contracts
from crm.customers import models as customers
from crm.database import Base
from crm.insight import models as insight
from crm.marketing import models as marketing
from crm.office import models as office
from crm.pipeline import models as pipeline
from crm.staff import models as staff
from crm.support import models as support
from crm.targets import models as targets
from crm.words import english_label

metadata = Base.metadata

__all__ = [
    "AuditEntry",
    "catalogue",
    "contracts",
    "customers",
    "insight",
    "labels",
    "marketing",
    "metadata",
    "office",
    "pipeline",
    "staff",
    "support",
    "targets",
]


def labels() -> set[str]:
    """The English labels of tables and their columns, of codes, of the fields of inputs and filters, and of what roles may."""
    for area in AREAS:
        import_module(f"crm.{area}.commands")
    shown = [mapper for mapper in Base.registry.mappers if not issubclass(mapper.class_, Sealed)]
    names = {mapper.class_.__tablename__ for mapper in shown}
    names |= {column.key for mapper in shown for column in mapper.columns}
    names |= {code.value for codes in (Role, *_of_areas(StrEnum)) for code in codes}
    names |= {name for kind in _of_areas(BaseModel) for name in kind.model_fields}
    grants = [grant for areas in GRANTS.values() for grant in areas.values()]
    names |= {*AREAS, *(action.replace(" ", "_") for grant in grants for action in grant.may)}
    return {english_label(name) for name in names}


def _of_areas(base: type[Any]) -> Iterator[Any]:
    """The classes below another that the areas define; what a mapping file of an import is made of, nobody meets on a page."""
    for kind in base.__subclasses__():
        if kind.__module__.startswith(tuple(f"crm.{area}." for area in AREAS)) and ".imports." not in kind.__module__:
            yield kind
        yield from _of_areas(kind)
