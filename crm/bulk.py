"""Many rows of one table at once: checked as a whole, written past the hooks, logged. The one way besides the session itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, Connection, Select, Table, func, null, select

from crm import driver
from crm.access import Owned, PartOf, Reach, Role, area_of
from crm.audit import columns_of_table, plain
from crm.database import Base, Record, now
from crm.errors import NotFound, Refused, UnscopedStatement
from crm.session import ScopedSession, get, write_log

_ASKED = 50
"""Records asked one by one whether the actor may change them."""
_IDS = 5_000
"""Ids per IN list."""


def bulk_insert(
    session: ScopedSession,
    kind: type[Base],
    rows: pd.DataFrame,
    note: dict[str, Any] | None = None,
    written: Callable[[int], None] | None = None,
) -> pd.Series[int]:
    """Insert rows into the table of `kind`, in the caller's transaction.

    rows: columns = column names, values as stored (money in ten-thousandths, times UTC) -> the new ids, index of `rows`.
    `written` is told how many rows are there, part by part; what it raises ends the transaction.
    Raises Refused or NotFound when the owner or the parent of any row is beyond the actor's reach.
    """
    _check_new(session, kind, rows)
    connection = session.connection()
    _lock(connection, _table(kind))
    first = (connection.scalar(select(func.max(_table(kind).c.id))) or 0) + 1
    ids: pd.Series[Any] = pd.Series(np.arange(first, first + len(rows), dtype="int64"), index=rows.index)
    constants: dict[str, Any] = {"created_at": now()}
    if issubclass(kind, Record):
        constants |= {"updated_at": now(), "version": 1}
    fixed = {name: value for name, value in constants.items() if name not in rows}
    driver.insert(connection, _table(kind), rows.assign(id=ids), fixed, written)
    _log(session, kind, {"rows": len(rows), "added": True, **(note or {})})
    return ids


def bulk_change(session: ScopedSession, kind: type[Record], rows: pd.DataFrame, note: dict[str, Any] | None = None) -> int:
    """Change rows by their `id`: the other columns are the new values -> how many really changed.

    Each changed record gets its own audit entry and a new version; rows that already hold these values are left alone.
    """
    if not _privileged(session, kind):
        require_changeable(session, kind, rows["id"])
        _check_whole(session, kind, rows)
    connection = session.connection()
    _lock(connection, _table(kind))
    before = _current(connection, _table(kind), rows)
    names = [name for name in rows.columns if name != "id"]
    differs = pd.DataFrame({name: ~_same(rows[name], before[name]) for name in names}, index=rows.index)
    touched = differs.any(axis=1)
    changed = rows[touched]
    driver.change(connection, _table(kind), changed)
    write_log(session, _entries(connection, kind, changed, before[touched], differs[touched]))
    _log(session, kind, {"rows": len(changed), "added": False, **(note or {})})
    return len(changed)


def bulk_derive(session: ScopedSession, kind: type[Record], rows: pd.DataFrame, *, logged: bool = True) -> None:
    """Refresh derived columns by `id`: no version moves, one audit entry stands for all (none where another change tells of it).

    Raises UnscopedStatement for a column that is not derived: those change through `bulk_change`.
    """
    names = [name for name in rows.columns if name != "id"]
    if foreign := [name for name in names if not _table(kind).c[name].info.get("derived")]:
        raise UnscopedStatement(f"{', '.join(foreign)} of {_table(kind).name} is not derived.")
    if not _privileged(session, kind):
        require_changeable(session, kind, rows["id"])
    session.flush()
    driver.refresh(session.connection(), _table(kind), rows)
    for record in [one for one in session.identity_map.values() if isinstance(one, kind)]:
        session.expire(record, names)
    if logged:
        _log(session, kind, {"rows": len(rows), "refreshed": names})


def bulk_replace(
    session: ScopedSession, kind: type[Base], rows: pd.DataFrame | Select[Any], key: str, within: ColumnElement[bool]
) -> int:
    """Make the rows `within` a condition exactly these, one for each value of the column `key` -> how many were written.

    Only of a table that the product alone writes (REFRESHED), and by the system. rows: values as stored, or a plain SELECT of
    them, which never leaves the database. Rows that are so already are left alone.
    """
    if session.actor.role is not Role.SYSTEM or not getattr(kind, "REFRESHED", False):
        raise UnscopedStatement(f"{_table(kind).name} is not replaced as a whole.")
    session.flush()
    written = driver.replace(session.connection(), _table(kind), rows, key, within, {"created_at": now()})
    for record in [one for one in session.identity_map.values() if isinstance(one, kind)]:
        session.expire(record)
    if written:
        _log(session, kind, {"rows": written, "refreshed": [key]})
    return written


def _table(kind: type[Base]) -> Table:
    table: Table = kind.__table__  # type: ignore[assignment]
    return table


# ------------------------------------------------------------------------------------------------- may they


def _privileged(session: ScopedSession, kind: type[Base]) -> bool:
    actor = session.actor
    return actor.role is Role.SYSTEM or actor.grant(area_of(kind)).change is Reach.EVERYTHING


def _check_new(session: ScopedSession, kind: type[Base], rows: pd.DataFrame) -> None:
    if _privileged(session, kind):
        return
    if issubclass(kind, PartOf):
        _check_whole(session, kind, rows)
    elif not issubclass(kind, Owned) or not _within(session, kind, rows).all():
        raise Refused("These rows would belong to people outside your reach.")


def _check_whole(session: ScopedSession, kind: type[Any], rows: pd.DataFrame) -> None:
    """What parts come to must be the actor's to change."""
    if issubclass(kind, PartOf):
        link, parent = kind.parent()
        if link.key in rows:
            require_changeable(session, parent, rows[str(link.key)])


def _within(session: ScopedSession, kind: type[Any], rows: pd.DataFrame) -> pd.Series[bool]:
    actor, reach = session.actor, session.actor.grant(area_of(kind)).change
    if reach is Reach.NOTHING:
        return pd.Series(False, index=rows.index)
    # A missing owner is nobody: compared as missing it would pass as "perhaps".
    mine = rows["owner_id"].eq(actor.user_id).fillna(False).astype(bool)
    return mine | rows["team_id"].isin(actor.team_ids) if reach is Reach.TEAM else mine


def changeable(session: ScopedSession, kind: type[Any], ids: pd.Series[Any]) -> set[int]:
    """Which of the ids the actor sees and may change."""
    table: Any = kind
    found = _ask(
        session, select(table.id, table.owner_id, table.team_id), table.id, ids.dropna().drop_duplicates().astype("int64")
    )
    if _privileged(session, kind):
        return set(found["id"])
    return set(found.loc[_within(session, kind, found), "id"]) | (set(found["id"]) & _lent(session, kind))


def _lent(session: ScopedSession, kind: type[Owned]) -> set[int]:
    shared = kind.shared_ids(session.actor, to_change=True)
    return set() if shared is None else set(session.connection().scalars(shared))


def require_changeable(session: ScopedSession, kind: type[Any], ids: pd.Series[Any]) -> None:
    """NotFound when any of the ids is hidden, Refused when any may not be changed; a few statements, however many ids."""
    table: Any = kind
    wanted = ids.dropna().drop_duplicates().astype("int64")
    if issubclass(kind, PartOf):
        link, parent = kind.parent()
        found = _ask(session, select(table.id, getattr(table, str(link.key)).label("parent_id")), table.id, wanted)
        _require_all(found, wanted)
        return require_changeable(session, parent, found["parent_id"])
    if not issubclass(kind, Owned):
        raise Refused("These rows would belong to people outside your reach.")
    found = _ask(session, select(table.id, table.owner_id, table.team_id), table.id, wanted)
    _require_all(found, wanted)
    beyond = found[~_within(session, kind, found)]
    if len(beyond) and not set(beyond["id"]) <= _lent(session, kind) and not _each(session, kind, beyond["id"]):
        raise Refused("Some of these records are not yours to change; nothing was saved.")
    return None


def _each(session: ScopedSession, kind: type[Any], ids: pd.Series[Any]) -> bool:
    """A few records are asked themselves: a kind may know more reasons than its area's reach."""
    return len(ids) <= _ASKED and all(get(session, kind, one).changeable_by(session.actor, session) for one in ids.tolist())


def _require_all(found: pd.DataFrame, wanted: pd.Series[Any]) -> None:
    if len(found) != len(wanted):
        raise NotFound()


def _ask(session: ScopedSession, statement: Any, column: Any, ids: pd.Series[Any]) -> pd.DataFrame:
    rows: list[Any] = []
    for part in _parts(ids.tolist()):
        rows += session.execute(statement.where(column.in_(part))).all()
    return pd.DataFrame.from_records(rows, columns=list(statement.selected_columns.keys()))


def _parts(values: list[Any]) -> Iterable[list[Any]]:
    return (values[start : start + _IDS] for start in range(0, len(values), _IDS))


# --------------------------------------------------------------------------------------------------- writing


def hold(session: ScopedSession, kind: type[Base]) -> None:
    """Nobody else writes rows of this kind until we commit: what was asked from here on stays true."""
    _lock(session.connection(), _table(kind))


def _lock(connection: Connection, table: Table) -> None:
    """Nobody else numbers rows of this table until we commit."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f'LOCK TABLE "{table.name}" IN SHARE ROW EXCLUSIVE MODE')
    elif not connection.connection.in_transaction:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


# --------------------------------------------------------------------------------------------------- logging


def _current(connection: Connection, table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    """The stored values of the same rows and columns, in the order of `rows`."""
    columns = [table.c[name] for name in rows.columns]
    found: list[Any] = []
    for part in _parts(rows["id"].tolist()):
        found += connection.execute(select(*columns).where(table.c.id.in_(part))).all()
    data = pd.DataFrame.from_records(found, columns=list(rows.columns)).set_index("id", drop=False).reindex(rows["id"])
    data.index = rows.index
    for name in rows.columns:
        if type(table.c[name].type).__name__ == "Money":
            data[name] = [None if pd.isna(value) else int(value * 10_000) for value in data[name]]
    return data


def _same(new: pd.Series[Any], old: pd.Series[Any]) -> pd.Series[bool]:
    equal = [_comparable(a) == _comparable(b) for a, b in zip(new, old, strict=True)]
    return pd.Series(equal, index=new.index)


def _comparable(value: Any) -> Any:
    if not isinstance(value, dict | list) and pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        value = value.to_pydatetime()
        return value.date() if (value.hour, value.minute, value.second) == (0, 0, 0) else value
    return value.item() if hasattr(value, "item") else value


def _entries(
    connection: Connection, kind: type[Record], new: pd.DataFrame, old: pd.DataFrame, differs: pd.DataFrame
) -> list[dict[str, Any]]:
    logged = [name for name in differs if name in columns_of_table(kind)]
    about = _named(connection, kind, new["id"].tolist())
    entries = []
    for index, record_id in new["id"].items():
        names = [name for name in logged if differs.at[index, name]]
        if names:
            what = {"action": "change", "area": area_of(kind), "record_type": _table(kind).name, "record_id": int(record_id)}
            before = {name: plain(_comparable(old.at[index, name])) for name in names}
            after = {name: plain(_comparable(new.at[index, name])) for name in names}
            entries.append({**what, **about[record_id], "before": before, "after": after})
    return entries


def _named(connection: Connection, kind: type[Any], ids: list[int]) -> dict[int, dict[str, Any]]:
    """Id -> what the log says of a record: its title, the record it is part of, and whose unit it belongs to."""
    table, root = _table(kind), kind
    path: Any = table
    while issubclass(root, PartOf):
        link, parent = root.parent()
        above: Any = parent
        root, path = above, path.join(_table(above), link == _table(above).c.id)
    top = _table(root)
    title = next((table.c[name] for name in ("name", "number") if name in table.c), table.c.id)
    team = top.c.team_id if "team_id" in top.c else null()
    query = select(table.c.id, title.label("title"), top.c.id.label("subject_id"), team.label("team_id")).select_from(path)
    subject = None if root is kind else top.name
    found: dict[int, dict[str, Any]] = {}
    for part in _parts(ids):
        for row in connection.execute(query.where(table.c.id.in_(part))):
            above = {"subject_type": subject, "subject_id": row.subject_id if subject else None, "team_id": row.team_id}
            found[row.id] = {"record_title": str(row.title)[:200], **above}
    return found


def _log(session: ScopedSession, kind: type[Base], after: dict[str, Any]) -> None:
    name = _table(kind).name
    about: dict[str, Any] = dict.fromkeys(("record_id", "subject_type", "subject_id", "team_id"))
    write_log(
        session,
        [
            {
                "action": "bulk",
                "area": area_of(kind),
                "record_type": name,
                "record_title": name,
                **about,
                "before": {},
                "after": after,
            }
        ],
    )


__all__ = ["bulk_change", "bulk_derive", "bulk_insert", "bulk_replace", "changeable", "hold", "require_changeable"]
