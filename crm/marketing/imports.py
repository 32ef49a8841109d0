"""Leads from files: new ones for a person or for nobody yet, and changes of the open ones that the actor may change."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
from sqlalchemy import func, select

from crm.bulk import bulk_change, bulk_insert, changeable
from crm.catalogue.models import Product
from crm.customers.commands.details import board_of
from crm.customers.imports.fields import _field, of_input
from crm.customers.imports.matching import keys_of, warn_of_twins
from crm.customers.imports.owners import person_named
from crm.customers.imports.rows import Incoming, Plan, Progress, first_of_same
from crm.customers.imports.run import TARGETS, Target
from crm.customers.imports.upsert import compare, stored
from crm.customers.models import Kind, Source
from crm.database import MONEY_SCALE, frame, now
from crm.errors import CrmError
from crm.exchange.fields import Field
from crm.marketing.commands.leads import LeadDetails, able_taker
from crm.marketing.commands.scores import scored
from crm.marketing.filters import OPEN
from crm.marketing.models import Campaign, Lead, LeadEvent, LeadState
from crm.marketing.queries.settings import score_rules
from crm.office.queries import today
from crm.session import ScopedSession
from crm.staff.models import OrgUnit, UnitKind, User

_TYPED = tuple(name for name in LeadDetails.model_fields if name not in ("campaign_id", "product_id", "custom"))
_COLUMNS = (*_TYPED, "campaign_id", "product_id")
_KEYS = {"phone": "phone_key", "name": "name_key", "email": "email"}


def lead_fields(session: ScopedSession) -> list[Field]:
    named = [_field("campaign", "reference"), _field("product_code", "reference")]
    return [*(of_input(LeadDetails, name) for name in _TYPED), *named, _field("owner", "reference"), _field("board", "reference")]


def plan(incoming: Incoming) -> Plan:
    """Leads, found again among the open ones of their board by phone, name or e-mail, or all of them new."""
    _place(incoming)
    _name_others(incoming)
    _find_again(incoming, incoming.mapping.key)
    rows = incoming.rows
    is_new = rows["id"].isna()
    columns = [name for name in _COLUMNS if name in rows]
    here = rows.loc[~is_new, ["id", *columns]]
    changed, differences = compare(Lead, here, stored(incoming.session, Lead, here["id"], columns), rows["name"])
    warn_of_twins(incoming, rows.loc[is_new, [name for name in ("name", "phone") if incoming.has(name)]])
    new = rows.loc[is_new, [*columns, "owner_id", "team_id", "board_id"]]
    return Plan(
        new=int(is_new.sum()),
        changed=len(changed),
        unchanged=len(here) - len(changed),
        differences=differences,
        sample=rows.loc[is_new, [name for name in incoming.mapping.columns if name in rows]].head(50),
        detail={"leads": int(is_new.sum())},
        write=partial(_write, incoming.session, new, changed),
    )


# ---------------------------------------------------------------------------------------------- what rows name


def _place(incoming: Incoming) -> None:
    """Adds owner_id (missing = nobody's yet), team_id, board_id."""
    session = incoming.session
    people = _asked(incoming, "owner", lambda name: _of_owner(session, name))
    boards = _asked(incoming, "board", lambda name: _of_board(session, name))
    own = _own_board(session)
    places = [
        people.get(owner) or boards.get(board) or own
        for owner, board in zip(incoming.column("owner").tolist(), incoming.column("board").tolist(), strict=True)
    ]
    for position, name in enumerate(("owner_id", "team_id", "board_id")):
        values = [place[position] if place else None for place in places]
        incoming.rows[name] = pd.Series(values, index=incoming.rows.index, dtype="Int64")
    incoming.reject(incoming.rows["board_id"].isna(), "board", "A lead belongs to a board: name it, or an owner.")


def _asked(incoming: Incoming, field: str, find: Any) -> dict[Any, tuple[int | None, int, int]]:
    """Every different cell -> its place; rows with one that leads nowhere are refused with the reason."""
    found = {}
    for name in incoming.column(field).dropna().unique():
        try:
            found[name] = find(name)
        except CrmError as error:
            incoming.reject(incoming.column(field).eq(name).fillna(False), field, error.template, **error.values)
    return found


def _of_owner(session: ScopedSession, name: str) -> tuple[int | None, int, int]:
    owner = able_taker(session, person_named(session, name))
    return owner.id, owner.unit_id, board_of(session, owner.unit_id).id


def _of_board(session: ScopedSession, name: str) -> tuple[int | None, int, int]:
    query = select(OrgUnit.id).where(OrgUnit.kind == UnitKind.BOARD, func.lower(OrgUnit.name) == name.lower())
    board_id = session.scalars(query).first()
    if board_id is None:
        raise CrmError("There is no board called {value}.", value=name)
    return None, board_id, board_id


def _own_board(session: ScopedSession) -> tuple[int | None, int, int] | None:
    """Nobody's in the unit of who imports; None for who works in no board."""
    person = session.get(User, session.actor.user_id) if session.actor.user_id else None
    try:
        return (None, person.unit_id, board_of(session, person.unit_id).id) if person is not None else None
    except CrmError:
        return None


def _name_others(incoming: Incoming) -> None:
    """Adds campaign_id and product_id where the file names them."""
    for field, column, kind, key in (
        ("campaign", "campaign_id", Campaign, Campaign.name),
        ("product_code", "product_id", Product, Product.code),
    ):
        if not incoming.has(field):
            continue
        wanted = incoming.rows[field].dropna().unique().tolist()
        known = dict(incoming.session.execute(select(key, kind.id).where(key.in_(wanted)).order_by(kind.id)).all())
        unknown = incoming.rows[field].notna() & ~incoming.rows[field].isin(known)
        incoming.reject(unknown, field, "There is no {value} here; add it first, or leave the cell empty.")
        incoming.rows[column] = incoming.rows[field].map(known).astype("Int64")


def _find_again(incoming: Incoming, key: str | None) -> None:
    """Adds `id`: the open lead of the board that a row means, empty for a new one."""
    incoming.rows["id"] = pd.Series(pd.NA, index=incoming.rows.index, dtype="Int64")
    if key is None:
        return
    values = incoming.rows[key].str.lower() if key == "email" else keys_of(incoming.rows[key], key)
    incoming.rows["key"] = values
    incoming.reject(incoming.rows["key"].isna(), key, "The cell is empty, but the rows are found again by it.")
    first = first_of_same(incoming.rows[["key", "board_id"]])
    incoming.reject(first != incoming.rows.index, key, "Row {first} of the file has the same value already.", first=first)
    known = _known(incoming.session, key, incoming.rows["key"].tolist())
    wanted = incoming.rows[["key", "board_id"]].reset_index(names="row").astype({"board_id": "int64"})
    pairs = wanted.merge(known, on=["key", "board_id"]).drop_duplicates("row").set_index("row")
    incoming.rows["id"] = pairs["id"].reindex(incoming.rows.index).astype("Int64")
    open_to_me = changeable(incoming.session, Lead, incoming.rows["id"])
    locked = incoming.rows["id"].notna() & ~incoming.rows["id"].isin(open_to_me)
    incoming.reject(locked, key, "You may see this lead, but not change it.")


def _known(session: ScopedSession, key: str, values: list[Any]) -> pd.DataFrame:
    """Open leads that the actor sees -> key, board_id, id."""
    column: Any = getattr(Lead, _KEYS[key])
    compared = func.lower(column) if key == "email" else column
    query = select(compared.label("key"), Lead.board_id, Lead.id).where(Lead.state.in_(OPEN)).order_by(Lead.id)
    starts = range(0, len(values), 5_000) if values else [0]
    parts = [frame(session, query.where(compared.in_(values[start : start + 5_000]))) for start in starts]
    return pd.concat(parts, ignore_index=True).astype({"key": "object", "board_id": "int64"})


# ------------------------------------------------------------------------------------------------------- writing


def _write(session: ScopedSession, new: pd.DataFrame, changed: pd.DataFrame, job_id: int, progress: Progress) -> None:
    note = {"import_job": job_id}
    if len(new):
        rows = _complete(session, new).assign(import_job_id=job_id)
        ids = bulk_insert(session, Lead, rows, note, progress.of(len(rows), "Leads"))
        about = {"lead_id": ids, "to_state": rows["state"], "to_owner_id": rows["owner_id"]}
        events = pd.DataFrame(about).assign(at=pd.Timestamp(now()), by_id=session.actor.user_id, reason="import")
        bulk_insert(session, LeadEvent, events, note)
    if len(changed):
        rows = changed
        if "name" in rows:
            rows = rows.assign(name_key=keys_of(rows["name"], "name"))
        if "phone" in rows:
            rows = rows.assign(phone_key=keys_of(rows["phone"], "phone"))
        bulk_change(session, Lead, rows, note)


def _complete(session: ScopedSession, new: pd.DataFrame) -> pd.DataFrame:
    """Rows of the table: keys, state and score added."""
    rows = new.copy()
    for name, default in (("kind", Kind.CORPORATE.value), ("source", Source.IMPORT.value)):
        given = rows[name].astype("object") if name in rows else pd.Series(pd.NA, index=rows.index, dtype="object")
        rows[name] = given.where(given.notna(), default)
    owned = rows["owner_id"].notna()
    rows["state"] = owned.map({True: LeadState.ASSIGNED.value, False: LeadState.COLLECTED.value})
    rows["assigned_at"] = pd.Series([pd.Timestamp(now()) if one else None for one in owned], index=rows.index, dtype="object")
    rows["name_key"] = keys_of(rows["name"], "name")
    rows["phone_key"] = keys_of(rows["phone"], "phone") if "phone" in rows else None
    rows["custom"] = pd.Series([{} for _ in range(len(rows))], index=rows.index, dtype="object")
    return rows.assign(nurture_step=0, **_scores(session, rows))


def _scores(session: ScopedSession, rows: pd.DataFrame) -> dict[str, list[Any]]:
    day, rules = today(session), {one: score_rules(session, int(one)).rules for one in rows["board_id"].unique()}
    facts = rows.assign(created_at=now())
    if "budget" in facts:
        facts["budget"] = facts["budget"].astype("Float64") / MONEY_SCALE
    if "wanted_by" in facts:
        facts["wanted_by"] = [None if pd.isna(one) else pd.Timestamp(one).date() for one in facts["wanted_by"]]
    found = [scored(rules[row["board_id"]], row, day) for row in facts.to_dict("records")]
    return {"score": [points for points, _ in found], "score_reasons": [reasons for _, reasons in found]}


# Known to whoever imports from here on: the pages and the command line take TARGETS from this module.
TARGETS["leads"] = Target("marketing", lead_fields, ("phone", "name", "email"), plan, (Lead,), keyless=True)

__all__ = ["TARGETS", "lead_fields", "plan"]
