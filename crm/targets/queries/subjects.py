"""Of whom or what a target is: names, the unit it belongs to, and what lies above it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import select

from crm.catalogue.models import Product, ProductCategory
from crm.errors import Invalid
from crm.session import ScopedSession
from crm.staff.models import OrgUnit, UnitKind, User
from crm.targets.models import SubjectKind

Subject = tuple[str, int]
"""Its kind and its id."""
UNITS = (SubjectKind.TEAM, SubjectKind.BOARD)


@dataclass(frozen=True)
class Subjects:
    """The whole tree of units with their people, products with their categories; read once."""

    units: dict[int, tuple[str, str, int | None]]
    """id -> name, kind, parent"""
    people: dict[int, tuple[str, int]]
    """id -> name, unit"""
    session: ScopedSession

    @classmethod
    def of(cls, session: ScopedSession) -> Subjects:
        units = {row[0]: (row[1], row[2], row[3]) for row in session.execute(_UNITS)}
        people = {row[0]: (row[1], row[2]) for row in session.execute(_PEOPLE)}
        return cls(units, people, session)

    @cached_property
    def _products(self) -> dict[int, tuple[str, int | None]]:
        query = select(Product.id, Product.name, Product.category_id)
        return {row[0]: (row[1], row[2]) for row in self.session.execute(query)}

    @cached_property
    def _categories(self) -> dict[int, tuple[str, int | None]]:
        query = select(ProductCategory.id, ProductCategory.name, ProductCategory.parent_id)
        return {row[0]: (row[1], row[2]) for row in self.session.execute(query)}

    def name(self, kind: str, subject_id: int) -> str | None:
        """None = there is no such subject."""
        if kind in UNITS:
            return self.units[subject_id][0] if subject_id in self.units else None
        found = {SubjectKind.PERSON: "people", SubjectKind.PRODUCT: "_products", SubjectKind.CATEGORY: "_categories"}
        known = getattr(self, found[SubjectKind(kind)])
        return known[subject_id][0] if subject_id in known else None

    def require(self, kind: str, subject_id: int) -> None:
        """Raises Invalid where there is no such subject, or a unit is called by the wrong kind."""
        if self.name(kind, subject_id) is None:
            raise Invalid("There is no such {kind}.", field="subject_id", kind=kind)
        if kind in UNITS and (self.units[subject_id][1] == UnitKind.BOARD) != (kind == SubjectKind.BOARD):
            raise Invalid("{name} is no {kind}.", field="subject_kind", name=self.units[subject_id][0], kind=kind)

    def unit_of(self, kind: str, subject_id: int) -> int | None:
        """The unit a person works in, or the unit itself; None for goods."""
        if kind in UNITS:
            return subject_id
        return self.people[subject_id][1] if kind == SubjectKind.PERSON else None

    def unit_of_person(self, person_id: int) -> int | None:
        return self.people[person_id][1] if person_id in self.people else None

    def is_board(self, unit_id: int) -> bool:
        return self.units[unit_id][1] == UnitKind.BOARD

    def board_of(self, unit_id: int | None) -> int | None:
        return next((one for one in self.line(unit_id) if self.units[one][1] == UnitKind.BOARD), None)

    def line(self, unit_id: int | None) -> list[int]:
        """The unit and those above it, upwards."""
        found: list[int] = []
        while unit_id is not None and unit_id in self.units:
            found.append(unit_id)
            unit_id = self.units[unit_id][2]
        return found

    def below(self, unit_id: int) -> frozenset[int]:
        """The unit and all below it."""
        return frozenset(one for one in self.units if unit_id in self.line(one))

    def above(self, kind: str, subject_id: int) -> list[Subject]:
        """What a subject is part of, nearest first."""
        if kind in UNITS:
            return [self.unit(one) for one in self.line(subject_id)[1:]]
        if kind == SubjectKind.PERSON:
            return [self.unit(one) for one in self.line(self.people[subject_id][1])] if subject_id in self.people else []
        known = self._products if kind == SubjectKind.PRODUCT else self._categories
        found: list[Subject] = []
        at = known[subject_id][1] if subject_id in known else None
        while at is not None and at in self._categories:
            found.append((SubjectKind.CATEGORY, at))
            at = self._categories[at][1]
        return found

    def parts(self, kind: str, subject_id: int) -> list[Subject]:
        """What lies directly below: people before units, products before categories."""
        if kind in UNITS:
            people: list[Subject] = [(SubjectKind.PERSON, one) for one, row in self.people.items() if row[1] == subject_id]
            return people + [self.unit(one) for one, row in self.units.items() if row[2] == subject_id]
        if kind != SubjectKind.CATEGORY:
            return []
        products: list[Subject] = [(SubjectKind.PRODUCT, one) for one, row in self._products.items() if row[1] == subject_id]
        return products + [(SubjectKind.CATEGORY, one) for one, row in self._categories.items() if row[1] == subject_id]

    def top_goods(self) -> list[Subject]:
        """Products and categories that are in no other."""
        products: list[Subject] = [(SubjectKind.PRODUCT, one) for one, row in self._products.items() if row[1] is None]
        return products + [(SubjectKind.CATEGORY, one) for one, row in self._categories.items() if row[1] is None]

    def unit(self, unit_id: int) -> Subject:
        board = self.units[unit_id][1] == UnitKind.BOARD
        return (SubjectKind.BOARD if board else SubjectKind.TEAM), unit_id

    def goods(self, kind: str, subject_id: int) -> frozenset[int]:
        """The products of a category and of those below it, or the product itself."""
        if kind == SubjectKind.PRODUCT:
            return frozenset({subject_id})
        inside = (kind, subject_id)
        return frozenset(one for one in self._products if inside in self.above(SubjectKind.PRODUCT, one))

    def named(self, text: str) -> list[Subject]:
        """Units, people, categories and products of a name."""
        wanted = text.strip().casefold()
        found = [self.unit(one) for one, row in self.units.items() if row[0].casefold() == wanted]
        lists = (
            (SubjectKind.PERSON, self.people),
            (SubjectKind.CATEGORY, self._categories),
            (SubjectKind.PRODUCT, self._products),
        )
        return found + [(kind, one) for kind, known in lists for one, row in known.items() if row[0].casefold() == wanted]


_UNITS = select(OrgUnit.id, OrgUnit.name, OrgUnit.kind, OrgUnit.parent_id).order_by(OrgUnit.id)
_PEOPLE = select(User.id, User.name, User.unit_id).order_by(User.id)
