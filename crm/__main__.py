"""`python -m crm ...`: start the product, set it up, and do from the command line what the pages do."""

from __future__ import annotations

import argparse
import datetime as dt
import getpass
import os
import sys
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import select

from crm import migrations
from crm.access import SYSTEM, Role
from crm.customers.filters import CustomerFilter
from crm.customers.imports import run_file
from crm.customers.queries import export_rows
from crm.customers.queries.listing import COLUMNS
from crm.database import analyze
from crm.demo import fill
from crm.errors import CrmError, Invalid, NotFound
from crm.exchange.errors import ExchangeError
from crm.exchange.writing import to_csv, to_xlsx
from crm.jobs import JOBS
from crm.office.commands import log_export
from crm.outage import in_words
from crm.pipeline.imports import run_folder
from crm.session import ScopedSession, open_as
from crm.settings import ROOT, settings
from crm.staff import commands as staff
from crm.staff.models import Credential, OrgUnit, UnitKind, User
from crm.staff.queries import people
from crm.staff.sign_in import actor_for
from crm.support.imports import run_log
from crm.targets.imports import TARGETS
from crm.upkeep import saving
from crm.upkeep.checking import check
from crm.upkeep.copying import copy_database
from crm.upkeep.rows import Tally
from crm.upkeep.running import Runner, run_forever
from crm.words import label

Wanted = argparse.Namespace


def serve(wanted: Wanted) -> None:
    """Start the product in the foreground; Ctrl-C ends it."""
    if not migrations.is_current():
        raise Invalid("The database is not set up or not up to date: run `python -m crm setup` first.")
    try:
        settings().key()
    except RuntimeError as error:
        raise Invalid("The secret key is missing or too short: run `python -m crm setup`, or set CRM_SECRET_KEY.") from error
    options = {"server.port": wanted.port or settings().port, "server.address": wanted.address or settings().address}
    flags = [f"--{name}={value}" for name, value in options.items()]
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, "-m", "streamlit", "run", "asgi.py", *flags])


def setup(wanted: Wanted) -> None:
    """Make the key and the schema, then the demo company or one administrator; what is there already stays."""
    settings().create_key()
    migrations.upgrade()
    with open_as(SYSTEM) as session:
        inhabited = len(people(session)) > 0
    if inhabited:
        print("The database is up to date; nothing was lost.")
    elif wanted.empty:
        _first_administrator(wanted.admin)
    else:
        print("Filling the demo company ...")
        fill(shift_dates=wanted.shift_dates)
        JOBS["reminders"](None)
        analyze()
        print("Done. The sign-in page shows the demo accounts.")


def _first_administrator(name: str | None) -> None:
    if not name:
        raise Invalid("Say who administrates: python -m crm setup --empty --admin NAME")
    password = _new_password("CRM_ADMIN_PASSWORD")
    with open_as(SYSTEM) as session:
        group = OrgUnit(name="Group", kind=UnitKind.GROUP)
        session.add(group)
        session.flush()
        person = _add(session, username=name, name=name, role=Role.ADMIN, unit_id=group.id, password=password)
        chosen_by_himself = session.scalars(select(Credential).where(Credential.user_id == person.id)).one()
        chosen_by_himself.must_change = False
    print(f"{name} can sign in, and add boards and people under Admin.")


def _new_password(variable: str) -> str:
    """From the environment, else asked for twice."""
    if given := os.environ.get(variable):
        return given
    first = getpass.getpass("Password: ")
    if first != getpass.getpass("Once more: "):
        raise Invalid("The two passwords differ.")
    return first


# ------------------------------------------------------------------------------------------------------ people


def user_list(wanted: Wanted) -> None:
    """List the accounts."""
    with open_as(SYSTEM) as session:
        rows = people(session, size=100_000)
    print(rows[["username", "name", "role", "unit", "state"]].to_string(index=False))


def user_add(wanted: Wanted) -> None:
    """Add an account; its password is asked for or read from CRM_USER_PASSWORD, and must be changed at the first sign-in."""
    password = _new_password("CRM_USER_PASSWORD")
    with open_as(SYSTEM) as session:
        unit_id = session.scalars(select(OrgUnit.id).where(OrgUnit.name == wanted.unit)).first()
        if unit_id is None:
            raise Invalid("There is no unit called {name}.", name=wanted.unit)
        name = wanted.name or wanted.username
        _add(session, username=wanted.username, name=name, role=Role(wanted.role), unit_id=unit_id, password=password)
    print(f"{wanted.username} can sign in.")


def _add(session: ScopedSession, **values: object) -> User:
    person = staff.add_person(session, staff.NewPerson.model_validate(values))
    session.flush()
    return person


def user_freeze(wanted: Wanted) -> None:
    """Freeze an account: its browsers are out at the next click."""
    with open_as(SYSTEM) as session:
        staff.freeze(session, _person(session, wanted.username).id)
    print(f"{wanted.username} is frozen.")


def user_reset(wanted: Wanted) -> None:
    """Give an account a new first password and lift a lock."""
    reset = staff.PasswordReset(new_password=_new_password("CRM_USER_PASSWORD"))
    with open_as(SYSTEM) as session:
        staff.reset_password(session, _person(session, wanted.username).id, reset)
    print(f"{wanted.username} has a new first password.")


def _person(session: ScopedSession, username: str) -> User:
    found = session.scalars(select(User).where(User.username == username)).first()
    if found is None:
        raise NotFound("There is no account called {name}.", name=username)
    return found


# -------------------------------------------------------------------------------------------------- files, jobs


def import_file(wanted: Wanted) -> None:
    """Import records, targets or a log of cases from a file, or opportunities from a folder: all or nothing."""
    if wanted.target == "opportunities":
        run_folder(wanted.file, owner=wanted.owner, only_try=wanted.dry_run)
    elif wanted.target == "cases":
        run_log(wanted.file, wanted.mapping, owner=wanted.owner, only_try=wanted.dry_run)
    else:
        run_file(
            wanted.file,
            wanted.target,
            wanted.mapping,
            as_username=wanted.as_username,
            owner=wanted.owner,
            only_try=wanted.dry_run,
            refused_path=wanted.refused,
        )
    analyze()


def export_file(wanted: Wanted) -> None:
    """Export the customers that an account sees, as CSV or Excel by the name of the file."""
    with open_as(SYSTEM) as session:
        actor = actor_for(session, _person(session, wanted.as_username))
    names = tuple(name for name in COLUMNS if name != "id")
    with open_as(actor) as session:
        rows = export_rows(session, CustomerFilter(), names)
        kind = "xlsx" if wanted.file.suffix == ".xlsx" else "csv"
        log_export(session, "customers", kind, len(rows), {}, "customers")
    heads = {name: label(name) for name in names}
    wanted.file.write_bytes(to_xlsx(rows, heads, "Customers") if kind == "xlsx" else to_csv(rows, heads))
    print(f"{len(rows):,} customers written to {wanted.file}")


def run_job(wanted: Wanted) -> None:
    """Run a job for a day; running it again for the same day changes nothing."""
    for name, value in JOBS[wanted.job](wanted.day).items():
        print(f"{name}: {value:,}")


def jobs(wanted: Wanted) -> None:
    """Run the jobs when they are due, in the foreground; of several such processes one works and the others wait."""
    run_forever(Runner(wanted.at, tell=lambda line: print(f"{dt.datetime.now():%Y-%m-%d %H:%M} {line}", flush=True)))


def backup(wanted: Wanted) -> None:
    """Copy the database into a new file while the product runs, and the attached files into a folder beside it."""
    written = saving.backup(wanted.file)
    attached = f", {written.files:,} attached files to {written.folder}" if written.files else ""
    print(f"Written to {wanted.file}{attached}. Keep data/keys/secret_key with it.")


def restore(wanted: Wanted) -> None:
    """Put a backup in place of the database, which is kept beside as *.before-restore. Stop the product first."""
    found = saving.restore(wanted.file)
    print(f"Restored. What was there before is in {found.kept}." if found.kept else "Restored.")
    if found.missing:
        print(f"{found.missing:,} attached files are neither in the backup nor here: `python -m crm check` names them.")


def copy_to(wanted: Wanted) -> None:
    """Copy a whole firm from one database into another, empty one (addresses as in DATABASE_URL), and compare both."""
    found = copy_database(wanted.source, wanted.target, _told)
    rows = sum(one.rows for one in found.values())
    print(f"{rows:,} rows of {len(found)} tables, the same on both sides. Attached files stay in {settings().documents}.")


def _told(table: str, found: Tally) -> None:
    if found.rows:
        print(f"{table:32}{found.rows:>12,}  {found.checksum:016x}", flush=True)


def check_all(wanted: Wanted) -> None:
    """Look whether all holds that must: references, sums, owners, the log, attached files. Changes nothing."""
    count = 0
    for count, fault in enumerate(check(), start=1):
        if count <= SHOWN:
            print(fault)
    if count:
        raise Invalid("{count:thing is|things are} wrong.", count=count)
    print("Nothing is wrong.")


SHOWN = 200
"""Faults that are written out one by one."""


def bench(wanted: Wanted) -> None:
    """Measure, and write docs/benchmarks.md."""
    from crm.bench import main as measure  # its tools are not among the product's requirements

    sys.exit(measure(wanted.arguments))


# ------------------------------------------------------------------------------------------------------ parsing


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m crm", description=__doc__)
    verbs = top.add_subparsers(required=True, metavar="COMMAND")

    def verb(name: str, run: object, within: object = verbs) -> argparse.ArgumentParser:
        told = getattr(run, "__doc__", "")
        made: argparse.ArgumentParser = within.add_parser(name, help=told, description=told)  # type: ignore[attr-defined]
        made.set_defaults(run=run)
        return made

    serving = verb("serve", serve)
    serving.add_argument("--port", type=int)
    serving.add_argument("--address")
    setting_up = verb("setup", setup)
    setting_up.add_argument("--empty", action="store_true", help="no demo company")
    setting_up.add_argument("--admin", metavar="NAME", help="with --empty: the first administrator")
    setting_up.add_argument("--shift-dates", action="store_true", help="the demo's newest order is of yesterday")

    users = _users(verbs)
    verb("list", user_list, users)
    adding = verb("add", user_add, users)
    adding.add_argument("username")
    adding.add_argument("--name")
    adding.add_argument("--role", required=True, choices=[role.value for role in Role if role is not Role.SYSTEM])
    adding.add_argument("--unit", required=True, help="name of the unit")
    for name, run in (("freeze", user_freeze), ("reset", user_reset)):
        verb(name, run, users).add_argument("username")

    importing = verb("import", import_file)
    importing.add_argument("target", choices=[*TARGETS, "opportunities", "cases"])
    importing.add_argument("file", type=Path)
    importing.add_argument("--mapping", metavar="NAME", help="a saved or built-in mapping; else the headings tell")
    importing.add_argument("--as", dest="as_username", metavar="USERNAME", help="in whose name and reach")
    importing.add_argument("--owner", metavar="USERNAME", help="who gets the new customers")
    importing.add_argument("--dry-run", action="store_true", help="say what would happen, change nothing")
    importing.add_argument("--refused", type=Path, metavar="FILE", help="where refused rows go")

    exporting = verb("export", export_file)
    exporting.add_argument("file", type=Path)
    exporting.add_argument("--as", dest="as_username", metavar="USERNAME", required=True)
    running = verb("run", run_job)
    running.add_argument("job", choices=sorted(JOBS))
    running.add_argument("--day", type=dt.date.fromisoformat)
    scheduled = verb("jobs", jobs)
    scheduled.add_argument("--at", type=dt.time.fromisoformat, default=dt.time(2), help="when the daily ones begin (02:00)")
    for name, run in (("backup", backup), ("restore", restore)):
        verb(name, run).add_argument("file", type=Path)
    verb("check", check_all)
    copying = verb("copy-database", copy_to)
    copying.add_argument("source")
    copying.add_argument("target")
    verb("bench", bench).add_argument("arguments", nargs=argparse.REMAINDER)
    return top


def _users(verbs: object) -> object:
    users: argparse.ArgumentParser = verbs.add_parser("user", help="Accounts.")  # type: ignore[attr-defined]
    return users.add_subparsers(required=True, metavar="ACTION")


def main(arguments: list[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["bench"]:
        bench(argparse.Namespace(arguments=given[1:]))
    wanted = parser().parse_args(given)
    try:
        with in_words():
            wanted.run(wanted)
    except (CrmError, ExchangeError) as error:
        print(str(error), file=sys.stderr)
    except ValidationError as error:
        print("; ".join(f"{fault['loc'][0]}: {fault['msg']}" for fault in error.errors()), file=sys.stderr)
    except KeyboardInterrupt:
        print("Stopped; nothing was saved.", file=sys.stderr)
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
