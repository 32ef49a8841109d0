"""What a statement asks for, and the limits it gets: `crm.session` adds them to every statement of an actor.

SQLAlchemy applies such criteria to the entities that it finds in a statement. Whatever it would not find is refused here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, ClauseList, ColumnClause, ColumnElement, ScalarSelect, Select, TableClause, TextClause, and_
from sqlalchemy.inspection import inspect
from sqlalchemy.orm import QueryableAttribute
from sqlalchemy.orm.util import LoaderCriteriaOption
from sqlalchemy.sql.annotation import Annotated
from sqlalchemy.sql.schema import Table
from sqlalchemy.sql.selectable import AliasedReturnsRows, Join, SelectBase
from sqlalchemy.sql.util import extract_first_column_annotation
from sqlalchemy.sql.visitors import HasTraverseInternals, iterate, replacement_traverse

from crm.access import Actor, Attached, PartOf, Scoped, subjects
from crm.database import Base, Record
from crm.errors import UnscopedStatement


def limits(statement: Any, actor: Actor, *, with_deleted: bool, lifted: frozenset[type[Base]], relationship: bool) -> list[Any]:
    """The criteria of one statement. Raises UnscopedStatement where they could not limit all of it.

    relationship: SQLAlchemy's own statement for a lazy or an eager load, where plain columns are right.
    """
    known = len(Base.metadata.tables)
    named = _classes_in(statement, relationship)
    for kind in lifted:
        if (issubclass(kind, PartOf) and kind.parent()[1] not in named) or (
            issubclass(kind, Attached) and not named & set(subjects().values())
        ):
            raise UnscopedStatement(f"{kind.__name__} is seen through its parent, which this statement does not ask for.")
    kinds: frozenset[Any] = _tables(known) & _with_related(named, known)
    found = (_limit(kind, actor, with_deleted, kind in lifted) for kind in sorted(kinds, key=lambda kind: kind.__name__))
    return [limit for limit in found if limit is not None]


# ---------------------------------------------------------------------------------------------- the limits


class _Limit(LoaderCriteriaOption):
    """As `with_loader_criteria()`, but right in a plain join to an alias: SQLAlchemy limits the table beside the alias there."""

    inherit_cache = True
    _cache_key_traversal = LoaderCriteriaOption._traverse_internals

    def _resolve_where_criteria(self, ext_info: Any) -> Any:
        condition = replacement_traverse(super()._resolve_where_criteria(ext_info), {}, _plain)
        return ext_info._adapter.traverse(condition) if ext_info.is_aliased_class else condition


def _plain(element: Any, **_: Any) -> Any:
    """A value without annotations: at every execution an annotated one would be compared with itself, by an expression of SQL."""
    return element._Annotated__element if isinstance(element, BindParameter) and isinstance(element, Annotated) else None


@lru_cache(maxsize=20_000)
def _limit(kind: Any, actor: Actor, with_deleted: bool, lifted: bool) -> _Limit | None:
    """The criteria of one table; None where the actor sees all of it."""
    conditions: list[ColumnElement[bool]] = []
    if not lifted and (visible := kind.visible_to(actor)) is not None:
        conditions.append(visible)
    if not with_deleted and issubclass(kind, Record):
        conditions.append(inspect(kind).local_table.c.deleted_at.is_(None))
    return _Limit(kind, _by_attributes(kind, and_(*conditions)), include_aliases=True) if conditions else None


def _by_attributes(kind: type[Any], condition: ColumnElement[bool]) -> Any:
    """The condition with the attributes of the class for its plain columns: only these follow an alias into a joined load."""
    mapper = inspect(kind)
    subqueries = [part for part in iterate(condition) if isinstance(part, SelectBase)]

    def attribute(element: Any, **_: Any) -> Any:
        own = isinstance(element, ColumnClause) and element.table is mapper.local_table
        return getattr(kind, mapper.get_property_by_column(element).key).expression if own else None

    return replacement_traverse(condition, {"stop_on": subqueries}, attribute)


@lru_cache(maxsize=8)
def _tables(known: int) -> frozenset[type[Any]]:
    """All mapped classes. `known` is their number: a table imported late is asked for its scope as well."""
    kinds = frozenset(mapper.class_ for mapper in Base.registry.mappers)
    for kind in kinds:
        if not issubclass(kind, Scoped):
            raise UnscopedStatement(f"{kind.__name__} does not say who may see it: give it a base of crm.access.")
    return kinds


@lru_cache(maxsize=2_000)
def _with_related(kinds: frozenset[type[Any]], known: int) -> frozenset[type[Any]]:
    """The classes and all that relationships lead to from them: what joined loads of a statement can bring in."""
    found, waiting = set(kinds), list(kinds)
    while waiting:
        related = {relation.mapper.class_ for relation in inspect(waiting.pop()).relationships} - found
        found |= related
        waiting += related
    return frozenset(found)


# ---------------------------------------------------------------------------------------- reading a statement

_PLAIN_NAME = re.compile(r"[\w*]*")

_seen: dict[Any, frozenset[type[Any]]] = {}


def _classes_in(statement: Any, relationship: bool) -> frozenset[type[Any]]:
    key = statement._generate_cache_key()
    if key is None:
        return _check(statement, relationship)
    asked = (relationship, key.key)
    found = _seen.get(asked)  # hashing such a key takes as long as all else here
    if found is None:
        if len(_seen) >= 5_000:
            _seen.clear()
        found = _seen[asked] = _check(statement, relationship)
    return found


def _check(statement: Any, relationship: bool) -> frozenset[type[Any]]:
    """-> the classes a statement asks for. Refuses text, tables beside their classes, and entities inside expressions.

    A plain column beside its own class is allowed in the outermost statement (`Session.get` asks so): one FROM, one limit.
    """
    asked = [getattr(statement, "table", None), *getattr(statement, "_raw_columns", ()), *getattr(statement, "_from_obj", ())]
    entities = {part for part in asked if isinstance(part, Table) and _class_of(part)}
    kinds: set[type[Any]] = set()
    for part, outermost in _parts(statement):
        if isinstance(part, Select) and not relationship and (names := _overlooked(part)):
            raise UnscopedStatement(f"Name {names} with select_from(): inside this expression it would not be limited.")
        if kind := _class_of(part):
            kinds.add(kind)
        elif relationship and isinstance(part, Table):
            kinds |= {mapper.class_ for mapper in Base.registry.mappers if mapper.local_table is part}
        elif isinstance(part, TextClause) or (getattr(part, "is_literal", False) and not _PLAIN_NAME.fullmatch(part.name)):
            raise UnscopedStatement("Text SQL has no scope; ask through mapped classes.")
        elif isinstance(part, TableClause):
            known = isinstance(part, Table) or part.name in Base.metadata.tables
            if known and not (outermost and part in entities):
                raise UnscopedStatement(f"Table {part.name} has no scope; ask for its class.")
    return frozenset(kinds)


def _parts(statement: Any) -> Iterator[tuple[Any, bool]]:
    """Every part of a statement, and whether it belongs to the outermost one."""
    waiting: list[tuple[Any, bool]] = [(statement, True)]
    met: dict[tuple[int, bool], Any] = {}
    while waiting:
        part, outermost = waiting.pop()
        if (id(part), outermost) in met:
            continue
        met[id(part), outermost] = part  # kept, so that no other part gets its id
        yield part, outermost
        inside = outermost and (part is statement or not isinstance(part, SelectBase | AliasedReturnsRows))
        waiting += [(child, inside) for child in _children(part)]


def _children(part: Any) -> list[Any]:
    """Not `part.get_children()`: that adds the plain tables behind mapped columns, and the columns of a relationship."""
    if isinstance(part, ColumnClause):
        return [] if part.table is None or _class_of(part) else [part.table]
    if isinstance(part, TableClause | QueryableAttribute) or (
        _class_of(part) and isinstance(getattr(part, "element", None), Table)
    ):
        return []
    joins = [piece for join in getattr(part, "_setup_joins", ()) for piece in join[:3] if piece is not None]
    return [*HasTraverseInternals.get_children(part, omit_attrs=("_setup_joins",)), *joins]


def _class_of(part: Any) -> type[Any] | None:
    """The mapped class that a part of a statement stands for, where it does."""
    if isinstance(part, QueryableAttribute):
        return part.parent.class_
    entity = getattr(part, "_annotations", {}).get("parententity")
    return entity.mapper.class_ if entity is not None else None


def _overlooked(statement: Any) -> str:
    """The entities that SQLAlchemy would not limit: those that only stand inside over(), filter(), extract() or a sum."""
    joined = [join[0] for join in statement._setup_joins]
    limited = {place.entity for place in joined if isinstance(place, QueryableAttribute)}
    for place in [*statement._from_obj, *statement._where_criteria, *joined]:
        limited |= _entities_in(place)
    found = {entity for column in statement._raw_columns for entity in _entities_in(column)}
    if statement._propagate_attrs.get("compile_state_plugin") == "orm":
        first = (extract_first_column_annotation(column, "parententity") for column in statement._raw_columns)  # type: ignore[no-untyped-call]
        found -= limited | set(first)
    else:
        found |= limited
    return ", ".join(sorted(entity.class_.__name__ for entity in found))


def _entities_in(part: Any) -> set[Any]:
    """The mappers and aliases that an expression names, not counting those of its subqueries."""
    found, waiting = set(), [part]
    while waiting:
        part = waiting.pop()
        found.add(getattr(part, "_annotations", {}).get("parententity") or getattr(part, "_parententity", None))
        expression = isinstance(part, ColumnElement) and not isinstance(part, ColumnClause | ScalarSelect)
        if expression or isinstance(part, Join | ClauseList):
            waiting += HasTraverseInternals.get_children(part)
    return found - {None}
