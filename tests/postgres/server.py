"""A real PostgreSQL for the tests, from the installed programs: started once per run, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psycopg

LOCALE = "C.UTF-8" if sys.platform == "linux" else "C"
FAST = (
    "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0 -c jit=off "
    "-c max_connections=60 -c listen_addresses=127.0.0.1"
)


class MissingError(Exception):
    """PostgreSQL is not installed here."""


@dataclass
class Server:
    folder: Path
    programs: Path
    port: int

    def url(self, database: str, driver: str = "postgresql+psycopg") -> str:
        return f"{driver}://crm@127.0.0.1:{self.port}/{database}"

    def run(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres", "postgresql"), autocommit=True) as connection:
            connection.execute(statement)

    def create(self, database: str, template: str = "template0") -> None:
        self.run(f'CREATE DATABASE "{database}" TEMPLATE "{template}" ENCODING \'UTF8\'')

    def drop(self, database: str) -> None:
        self.run(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def remember(self, database: str) -> psycopg.Connection:
        """Keep the rows of a database inside it -> the connection that brings it back to them.

        400 times faster than a new copy: an open connection knows all tables, and a function keeps the plans of its statements.
        """
        connection = psycopg.connect(self.url(database, "postgresql"), autocommit=True)
        tables = [row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        filled = [table for table in tables if connection.execute(f'SELECT 1 FROM public."{table}" LIMIT 1').fetchone()]
        counters = connection.execute("SELECT sequencename, last_value FROM pg_sequences").fetchall()
        connection.execute("CREATE SCHEMA kept")
        for table in filled:
            connection.execute(f'CREATE TABLE kept."{table}" AS TABLE public."{table}"')
        statements = [
            *(f'DELETE FROM public."{table}"' for table in tables),
            *(f'INSERT INTO public."{table}" SELECT * FROM kept."{table}"' for table in filled),
            *(f"PERFORM setval('\"{name}\"', {value or 1}, {value is not None})" for name, value in counters),
        ]
        body = "".join(f"{statement}; " for statement in statements)
        connection.execute(f"CREATE FUNCTION kept.reset() RETURNS void LANGUAGE plpgsql AS $$BEGIN {body}END$$")
        connection.execute("SET session_replication_role = replica")
        return connection

    @staticmethod
    def reset(remembered: psycopg.Connection) -> None:
        """Whoever left a transaction open is sent away; a connection that waits in a pool stays."""
        others = "datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        remembered.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others} AND state <> 'idle'")
        remembered.execute("SELECT kept.reset()")

    def stop(self) -> None:
        _run([self.programs / "pg_ctl", "-D", self.folder / "data", "-m", "immediate", "stop"], self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)


def start() -> Server:
    """A server in a new folder, on a free port of the loopback."""
    programs = find_programs()
    folder = Path(tempfile.mkdtemp(prefix="crm-postgres-"))
    if os.geteuid() == 0:
        user = _unprivileged()
        os.chown(folder, user.pw_uid, user.pw_gid)
    server = Server(folder, programs, _free_port())
    data = folder / "data"
    _run([programs / "initdb", "-D", data, "-U", "crm", "-A", "trust", "-E", "UTF8", f"--locale={LOCALE}", "--no-sync"], folder)
    options = f"{FAST} -c port={server.port} -c unix_socket_directories={folder}"
    _run([programs / "pg_ctl", "-D", data, "-l", folder / "log", "-o", options, "-w", "start"], folder)
    return server


def find_programs() -> Path:
    """The folder of initdb and pg_ctl, the newest version first."""
    beside = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: -int(folder.parent.name))
    for folder in [*beside, *packaged]:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    raise MissingError("PostgreSQL is not installed (initdb and pg_ctl were not found).")


def _run(command: list[Path | str], folder: Path) -> None:
    """As an unprivileged user: PostgreSQL refuses to run as root."""
    words = [str(word) for word in command]
    if os.geteuid() == 0:
        user = _unprivileged()
        words = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", *words]
    done = subprocess.run(
        words,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    if done.returncode:
        raise RuntimeError(f"{words} failed: {done.stderr.decode()[-2000:]}")


def _unprivileged() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise MissingError("No unprivileged user to run PostgreSQL as.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
