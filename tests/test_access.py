"""Every table x every role x every way of asking: nothing beyond the reach comes back."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import case, delete, exists, extract, func, insert, literal, select, table, text, union, union_all, update
from sqlalchemy import column as bare_column
from sqlalchemy.orm import aliased, contains_eager, joinedload, lazyload, selectinload, subqueryload
from sqlalchemy.sql import literal_column

from crm.access import SYSTEM, Role
from crm.customers.models import Customer
from crm.errors import UnscopedStatement
from crm.session import ScopedSession, open_as
from crm.staff.models import User
from tests import world
from tests.conftest import new_database, proof
from tests.people import STAFF, Person, people_of
from tests.world import KINDS, World

Way = Callable[[ScopedSession, Any], Any]
One = TypeVar("One")


def ids(records: Any) -> list[int]:
    return sorted(record.id for record in records)


WAYS: dict[str, Way] = {
    "entity": lambda s, k: ids(s.scalars(select(k))),
    "columns": lambda s, k: s.scalars(select(k.id)).all(),
    "query": lambda s, k: ids(s.query(k)),
    "query with columns": lambda s, k: [row.id for row in s.query(k).with_entities(k.id)],
    "distinct": lambda s, k: s.scalars(select(k.id).distinct()).all(),
    "in parts": lambda s, k: ids(s.scalars(select(k).execution_options(yield_per=2))),
    "group by": lambda s, k: s.scalars(select(func.max(k.id)).group_by(k.id)).all(),
    "window": lambda s, k: [row[0] for row in s.execute(select(k.id, func.row_number().over(order_by=k.id)))],
    "alias": lambda s, k: ids(s.scalars(select(aliased(k)))),
    "column of an alias": lambda s, k: s.scalars(select(aliased(k).id)).all(),
    "alias beside its class": lambda s, k: (lambda a: s.scalars(select(a.id).join(k, k.id == a.id)).all())(aliased(k)),
    "class joined to an alias": lambda s, k: (lambda a: s.scalars(select(k.id).join(a, literal(True)).distinct()).all())(
        aliased(k)
    ),
    "alias joined to its class": lambda s, k: (lambda a: s.scalars(select(a.id).join(k, literal(True)).distinct()).all())(
        aliased(k)
    ),
    "alias joined on a condition": lambda s, k: s.scalars(
        (lambda a: select(a.id).select_from(k).join(a, a.id > 0).distinct())(aliased(k))
    ).all(),
    "alias in an outer join": lambda s, k: s.scalars(
        (lambda a: select(a.id).select_from(k).outerjoin(a, a.id == k.id))(aliased(k))
    ).all(),
    "subquery": lambda s, k: s.scalars(select(select(k).subquery().c.id)).all(),
    "alias of a subquery": lambda s, k: ids(s.scalars(select(aliased(k, select(k).subquery())))),
    "common table": lambda s, k: s.scalars(select(select(k.id).cte("found").c.id)).all(),
    "in a subquery": lambda s, k: s.scalars(select(k.id).where(k.id.in_(select(k.id)))).all(),
    "union": lambda s, k: s.scalars(union(select(k.id), select(k.id))).all(),
    "entities of a union": lambda s, k: ids(set(s.scalars(select(k).from_statement(union_all(select(k), select(k)))))),
    "with deleted beside": lambda s, k: ids(s.scalars(select(k).where(k.id > 0).order_by(k.id).limit(10_000))),
}
"""Each answers with the ids it gets."""

ANNA = aliased(User)
COUNTS: dict[str, Way] = {
    "count": lambda s, k: s.scalar(select(func.count(k.id))),
    "count from": lambda s, k: s.scalar(select(func.count()).select_from(k)),
    "query count": lambda s, k: s.query(k).count(),
    "scalar subquery": lambda s, k: s.scalar(select(select(func.count(k.id)).scalar_subquery())),
    "count of a subquery": lambda s, k: s.scalar(select(func.count()).select_from(select(k).subquery())),
    "window": lambda s, k: s.scalar(select(func.count(k.id).over()).select_from(k).limit(1)) or 0,
    "filter": lambda s, k: s.scalar(select(func.count(k.id).filter(k.id > 0)).select_from(k)),
    "nested functions": lambda s, k: s.scalar(select(func.coalesce(func.sum(case((k.id > 0, 1), else_=0)), 0))),
    "beside another table": lambda s, k: s.scalar(select(func.count(k.id)).select_from(k).join(ANNA, ANNA.username == "anna")),
}

PROBES: dict[str, Callable[[Any, int], Any]] = {
    "exists": lambda k, one: select(ANNA.id).where(exists().where(k.id == one)),
    "exists of a select": lambda k, one: select(ANNA.id).where(select(k.id).where(k.id == one).exists()),
    "in": lambda k, one: select(ANNA.id).where(literal(one).in_(select(k.id))),
    "maximum": lambda k, one: select(ANNA.id).where(select(func.max(k.id)).where(k.id == one).scalar_subquery() == one),
    "outer join": lambda k, one: select(ANNA.id).select_from(ANNA).outerjoin(k, k.id == one).where(k.id.is_not(None)),
    "two levels down": lambda k, one: select(ANNA.id).where(ANNA.id.in_(select(User.id).where(exists().where(k.id == one)))),
}
"""Questions that would betray that a hidden record is there."""


@pytest.fixture(scope="module")
def the_world(database_kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Built once for each kind of database; nothing here changes it."""
    with new_database(database_kind, True, request, tmp_path_factory.mktemp("world")):
        with open_as(SYSTEM) as session:
            people = people_of(session)
        yield world.build(people)


ASKING = {"sqlite": [username for username, *_ in STAFF], "postgres": ["anna", "amir"]}
"""The limits are set before a statement meets a dialect; on PostgreSQL two reaches are enough."""


@pytest.fixture
def asking(database_kind: str, the_world: World) -> list[Person]:
    """They ask one after the other, of each table: SQLAlchemy compiles a statement once for all of the same reach."""
    return [getattr(the_world.people, username) for username in ASKING[database_kind]]


TURNS = 5


def in_turn(asking: list[One], *places: int) -> list[One]:
    """A fifth of them, others at every place: each table is asked in every way, and each person asks in every way and of every
    table, not in every way of every table. All of them where the first place is 0, and with `make proof`."""
    if proof() or not any(places[:1]):
        return asking
    turns = min(TURNS, len(asking))
    return [one for number, one in enumerate(asking) if (number + sum(places)) % turns == 0]


@contextmanager
def sessions(asking: list[Person]) -> Iterator[list[tuple[Person, ScopedSession]]]:
    with ExitStack() as stack:
        yield [(person, stack.enter_context(open_as(person.actor))) for person in asking]


def test_every_table_has_rows_and_every_role_a_person(the_world):
    assert {name for name, rows in the_world.rows.items() if not rows} == set()
    assert {role for _, _, role, _ in STAFF} == set(Role) - {Role.SYSTEM}


def test_the_world_tells_roles_apart(the_world):
    """The expectations are no empty promise: sellers, boards and the group see different customers."""
    seen = {person.username: the_world.visible(person, Customer) for person in the_world.people}
    assert len(seen["anna"]) == 4
    assert len(seen["chen"]) == 2
    assert seen["anna"] < seen["eve"]
    assert seen["ada"] == set()
    assert the_world.hidden(the_world.people.dana, Customer) and seen["dana"] > seen["ben"] - {max(seen["ben"])}


@pytest.mark.parametrize("way", WAYS)
def test_records(way, asking, the_world):
    wrong = {}
    with sessions(asking) as opened:
        for place, kind in enumerate(KINDS):
            for person, session in in_turn(opened, list(WAYS).index(way), place):
                found, expected = list(WAYS[way](session, kind)), sorted(the_world.visible(person, kind))
                if sorted(found) != expected:
                    wrong[kind.__name__, person.username] = (found, expected)
    assert wrong == {}


def test_get(asking, the_world):
    wrong = {}
    with sessions(asking) as opened:
        for kind in KINDS:
            for person, session in opened:
                seen = the_world.visible(person, kind)
                found = {one for one in [*the_world.hidden(person, kind), *seen] if session.get(kind, one)}
                if found != seen:
                    wrong[kind.__name__, person.username] = found
    assert wrong == {}


@pytest.mark.parametrize("way", COUNTS)
def test_totals(way, asking, the_world):
    wrong = {}
    with sessions(asking) as opened:
        for place, kind in enumerate(KINDS):
            for person, session in in_turn(opened, list(COUNTS).index(way), place):
                if (found := COUNTS[way](session, kind)) != len(the_world.visible(person, kind)):
                    wrong[kind.__name__, person.username] = found
    assert wrong == {}


@pytest.mark.parametrize("way", PROBES)
def test_a_hidden_record_does_not_betray_itself(way, asking, the_world):
    wrong = {}
    with sessions(asking) as opened:
        for place, kind in enumerate(KINDS):
            for person, session in in_turn(opened, list(PROBES).index(way), place):
                hidden, visible = the_world.hidden(person, kind), the_world.visible(person, kind)
                answers = {
                    one: bool(session.scalars(PROBES[way](kind, one)).all()) for one in sorted(hidden)[:1] + sorted(visible)[:1]
                }
                if answers != {one: one in visible for one in answers}:
                    wrong[kind.__name__, person.username] = answers
    assert wrong == {}


LOADERS = {"lazy": lazyload, "selectin": selectinload, "joined": joinedload, "subquery": subqueryload}
RELATIONS = [(kind, relation) for kind in KINDS for relation in kind.__mapper__.relationships]


def related_to(record: Any, relation: Any) -> list[Any]:
    value = getattr(record, relation.key)
    return value if isinstance(value, list) else [value] if value else []


@pytest.mark.parametrize("loader", LOADERS)
def test_related_records(loader, asking, the_world):
    """Walking from what I may see never ends at what I may not see."""
    beyond = set()
    for place, (kind, relation) in enumerate(RELATIONS):
        statement = select(kind).options(LOADERS[loader](getattr(kind, relation.key)))
        for person in in_turn(asking, 1 + list(LOADERS).index(loader), place):
            hidden = the_world.hidden(person, relation.mapper.class_)
            with open_as(person.actor) as session:
                for record in session.scalars(statement).unique():
                    related = related_to(record, relation)
                    beyond |= {(person.username, kind.__name__, relation.key, one.id) for one in related if one.id in hidden}
    assert beyond == set()


def test_a_record_that_came_from_elsewhere_leads_nowhere(asking, the_world):
    beyond = set()
    for kind, relation in RELATIONS:
        for person in asking:
            with open_as(SYSTEM) as system:
                records = system.scalars(select(kind)).all()
            own = {one.id for one in records if one.__class__ is relation.mapper.class_}
            hidden = the_world.hidden(person, relation.mapper.class_) - own
            with open_as(person.actor) as session:
                session.add_all(records)
                for record in records:
                    related = related_to(record, relation)
                    beyond |= {(person.username, kind.__name__, relation.key, one.id) for one in related if one.id in hidden}
    assert beyond == set()


def test_joins_along_relations(asking, the_world):
    beyond = set()
    for kind, relation in RELATIONS:
        attribute, target = getattr(kind, relation.key), aliased(relation.mapper.class_)
        joined = select(kind).join(attribute.of_type(target)).options(contains_eager(attribute.of_type(target)))
        for person in asking:
            with open_as(person.actor) as session:
                pairs = session.execute(select(kind.id, target.id).join(attribute.of_type(target))).all()
                loaded = session.scalars(joined).unique().all()
            hidden, others = the_world.hidden(person, kind), the_world.hidden(person, relation.mapper.class_)
            beyond |= {
                (person.username, kind.__name__, relation.key) for mine, other in pairs if mine in hidden or other in others
            }
            assert len(loaded) <= len(the_world.visible(person, kind))
    assert beyond == set()


@pytest.mark.parametrize(
    "statement", [delete, lambda kind: insert(kind).values(id=999_999), lambda kind: update(kind).values(id=999_999)]
)
def test_no_statement_changes_many_records(statement, asking):
    with sessions(asking) as opened:
        for kind in KINDS:
            for _, session in opened:
                with pytest.raises(UnscopedStatement):
                    session.execute(statement(kind))


def test_who_may_change_what(asking, the_world):
    """Asked of every row of every table, hidden ones too: nobody changes what he cannot see, readers change nothing."""
    wrong, by_analysts = set(), set()
    with open_as(SYSTEM) as system, sessions(asking) as opened:
        for kind in KINDS:
            for record in system.scalars(select(kind)):
                mine = [person for person, session in opened if record.changeable_by(person.actor, session)]
                unseen = (person.username for person in mine if record.id not in the_world.visible(person, kind))
                wrong |= {(kind.__name__, record.id, username) for username in unseen}
                by_analysts |= {kind.__name__ for person in mine if person.actor.role is Role.ANALYST}
    assert wrong == set()
    assert by_analysts <= {
        "Preference",
        "SavedView",
        "ImportJob",
        "ExportEvent",
        "SignInEvent",
        "ModelRun",
        "CustomerGroup",
        "GroupMember",
        "Absence",
        "Notice",
    }


# ------------------------------------------------------------------------------------------------- refused


def past_the_classes() -> dict[str, Any]:
    plain = Customer.__table__
    other = plain.alias()
    return {
        "table": select(plain),
        "column": select(plain.c.name),
        "alias of a table": select(other),
        "column of an alias": select(other.c.name),
        "beside an entity": select(Customer, other.c.name),
        "beside a column": select(Customer.id, other.c.name),
        "aggregate": select(func.max(plain.c.name)),
        "aggregate of an alias": select(func.max(other.c.name)).select_from(Customer),
        "subquery": select(select(plain.c.name).subquery().c.name),
        "scalar subquery": select(select(func.max(plain.c.name)).scalar_subquery()),
        "common table": select(select(other.c.name).cte().c.name),
        "exists": select(User.id).where(exists().where(plain.c.name == "x")),
        "condition": select(User.id).where(other.c.name == "x"),
        "in": select(User.id).where(User.id.in_(select(plain.c.id))),
        "join": select(Customer.name).join(other, other.c.id != Customer.id).add_columns(other.c.name),
        "union": union(select(Customer.name), select(plain.c.name)),
        "class over a plain subquery": select(aliased(Customer, select(plain).subquery())),
        "statement under a class": select(Customer).from_statement(select(plain)),
        "order": select(User.id).order_by(select(plain.c.name).limit(1).scalar_subquery()),
        "table by name": select(table("customer", bare_column("name"))),
        "text": text("SELECT name FROM customer"),
        "text under a class": select(Customer).from_statement(text("SELECT * FROM customer")),
        "text as a column": select(literal_column("(SELECT max(name) FROM customer)")),
        "text as an order": select(Customer.name).order_by(text("name")),
        "plain update": update(plain).values(name="x"),
        "plain delete": delete(plain),
        "plain insert": insert(plain).values(name="x"),
        "window": select(func.count(Customer.id).over()),
        "window by its order": select(func.count().over(order_by=Customer.id)),
        "window in a subquery": select(select(func.count(Customer.id).over()).limit(1).scalar_subquery()),
        "filter": select(func.count(Customer.id).filter(Customer.id > 0)),
        "extract": select(extract("year", Customer.created_at)),
        "second in a sum": select(func.max(User.id) + func.max(Customer.id)),
        "second in a function": select(func.coalesce(User.name, Customer.name)),
        "alias in a window": select(func.count(aliased(Customer).id).over()),
        "update by a plain subquery": update(Customer).values(order_count=select(func.count(other.c.id)).scalar_subquery()),
    }


@pytest.mark.parametrize("way", past_the_classes())
def test_what_the_scope_cannot_limit_is_refused(way, the_world):
    with open_as(the_world.people.anna.actor) as session:
        session.scalars(select(Customer.name)).all()
        with pytest.raises(UnscopedStatement):
            session.execute(past_the_classes()[way])
    with open_as(SYSTEM) as session, pytest.raises(UnscopedStatement):
        session.execute(past_the_classes()[way])


def test_a_class_without_a_scope_stops_every_session():
    """In a process of its own: the class would stay in the registry."""
    program = """
import crm.tables
from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column
from crm.access import SYSTEM
from crm.database import Base
from crm.errors import UnscopedStatement
from crm.session import open_as
from crm.staff.models import User

class Open(Base):
    __tablename__ = "open"
    id: Mapped[int] = mapped_column(primary_key=True)

try:
    with open_as(SYSTEM) as session:
        session.scalars(select(User)).all()
except UnscopedStatement as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Open does not say who may see it")


# ------------------------------------------------------------------------------------------ ways round, by name

ROOT = Path(__file__).parents[1]
SOURCES = sorted([*ROOT.glob("crm/**/*.py"), *ROOT.glob("pages/**/*.py"), *ROOT.glob("*.py")])

OPENS = {
    "crm/session.py": "commits, rolls back, writes the log",
    "crm/bulk.py": "many rows at once, after its own check",
    "crm/driver.py": "writes for crm.bulk",
    "crm/database.py": "makes the engine",
    "crm/migrations": "makes the tables",
    "crm/access.py": "the ids shared with the actor, inside changeable_by",
    "crm/bench/scores.py": "makes the indexes of a database of its own",
    "crm/upkeep": "the database as a whole, from the command line alone",
}
BANNED = {
    "connection", "get_bind", "commit", "rollback", "exec_driver_sql", "create_engine", "sessionmaker", "Session", "read_sql",
    "read_sql_query", "read_sql_table", "to_sql", "text", "literal_column", "bulk_save_objects", "bulk_insert_mappings",
    "bulk_update_mappings", "make_transient", "make_transient_to_detached", "enable_relationship_loading",
}  # fmt: skip

STEPS_OUTSIDE = {
    "crm/staff/sign_in.py": "nobody is signed in yet",
    "crm/staff/attempts.py": "nobody is signed in yet",
    "crm/staff/known.py": "nobody is signed in yet: was this browser his before?",
    "crm/staff/commands.py": "passwords are sealed",
    "crm/staff/queries.py": "my own browser sessions are sealed",
    "crm/office/commands/notices.py": "an announcement is told to everybody of the unit",
    "crm/office/totals.py": "counts only",
    "crm/customers/queries/record.py": "collisions: a masked name and the board",
    "crm/customers/commands/details.py": "the next number",
    "crm/customers/commands/merging.py": "deals, contracts and receipts of anybody follow their customer",
    "crm/customers/imports/answering.py": "who an import answers to",
    "crm/customers/imports/command.py": "scores are relative to all customers of the board",
    "crm/customers/imports/standing.py": "whether a key is taken by anybody",
    "crm/insight/commands/publishing.py": "whoever may publish has all customers of the board scored",
    "crm/insight/commands/scoring.py": "whoever may publish has all customers of the board scored",
    "crm/contracts/commands/leaving.py": "whether a contract or a deal of anybody keeps the customer",
    "crm/marketing/commands/claiming.py": "a claim gives what its rules allowed, to nobody but the one who claims",
    "crm/marketing/commands/recycling.py": "whether what lies in a pool is still nobody's",
    "crm/marketing/queries/duplicates.py": "leads that are alike: a masked name and the board",
    "crm/pipeline/queries/stages.py": "counts only: whether deals stand in a stage that is to go",
    "crm/support/commands/cases.py": "whoever is given a case may read its customer",
    "crm/support/commands/answering.py": "a survey is answered without sign-in: its token is the right",
    "crm/targets/queries/appraisal.py": "sums of people whom one appraises; customers one does not see stay unnamed",
    "crm/targets/queries/attainment.py": "totals of units beyond the own reach, whose targets one may know",
    "crm/targets/queries/ranking.py": "places and totals: how many others there are, what they reached together",
    "crm/ui/sign_in.py": "nobody is signed in yet; the demo's day",
    "crm/jobs.py": "runs for nobody",
    "crm/demo/__init__.py": "fills an empty database",
    "crm/bench/data.py": "works on a database of its own",
    "crm/bench/importing.py": "works on a database of its own",
    "crm/bench/elsewhere.py": "works on a database of its own",
    "crm/bench/load_people.py": "works on a database of its own",
    "crm/bench/pages.py": "works on a database of its own",
    "crm/bench/scores.py": "works on a database of its own",
    "crm/bench/server.py": "works on a database of its own",
    "crm/__main__.py": "set-up",
}


def named(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def calls(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            own = (
                isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id in ("st", "column")
            )
            if not own:
                yield name, node.lineno


def test_nobody_else_opens_a_way_round():
    found = []
    for file in SOURCES:
        if not any(named(file).startswith(place) for place in OPENS):
            found += [
                f"{named(file)}:{line} {name}" for name, line in calls(ast.parse(file.read_text("utf-8"))) if name in BANNED
            ]
    assert found == []


def test_one_connection_in_access():
    """What is shared with the actor: asked past the scope, because it is the scope."""
    tree = ast.parse((ROOT / "crm/access.py").read_text("utf-8"))
    assert [name for name, _ in calls(tree) if name in BANNED] == ["connection"]


def test_stepping_outside_is_counted():
    users = {
        named(file) for file in SOURCES if names_system(ast.parse(file.read_text("utf-8"))) and named(file) != "crm/access.py"
    }
    assert users - STEPS_OUTSIDE.keys() == set(), "say why in STEPS_OUTSIDE"
    assert STEPS_OUTSIDE.keys() - users == set(), "no longer steps outside"


def names_system(tree: ast.AST) -> bool:
    """SYSTEM.name, as the log has it, is only a word."""
    words = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "name"}
    return any(isinstance(node, ast.Name) and node.id == "SYSTEM" and id(node) not in words for node in ast.walk(tree))


def test_nobody_becomes_somebody_else():
    """The actor of a session, and the option that lifts a limit, belong to crm.session."""
    found = [named(file) for file in SOURCES if re.search(r"info\[|_LIFTED|scope_lifted", file.read_text("utf-8"))]
    assert set(found) - {"crm/session.py", "crm/database.py"} == set()
