"""Where a benchmark works: its own folder with its own database, never the one of the product."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from crm import database
from crm.settings import settings

_MARK = "bench.json"
"""Says that a folder belongs to a benchmark and may be emptied, and what was made in it."""


@dataclass(frozen=True, slots=True)
class Place:
    folder: Path
    url: str = ""
    """Of a database that is no file of the folder."""

    @property
    def environment(self) -> dict[str, str]:
        """What points a process of the product at this folder."""
        return {"CRM_DATA_DIR": str(self.folder), "DATABASE_URL": self.url, "CRM_SECRET_KEY": "bench-only-" + "0" * 40}

    @property
    def kind(self) -> str:
        """Of the database, as in its address."""
        return make_url(self.url).get_backend_name() if self.url else "sqlite"

    @property
    def kind_name(self) -> str:
        return {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(self.kind, self.kind)

    def holds(self, content: dict[str, Any]) -> bool:
        mark = self.folder / _MARK
        return mark.exists() and json.loads(mark.read_text()) == content

    def prepare(self) -> None:
        """An empty folder; one that no benchmark made is left alone."""
        if self.folder.exists() and any(self.folder.iterdir()):
            if not (self.folder / _MARK).exists():
                raise SystemExit(f"{self.folder} holds something else: name an empty folder with --out.")
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / _MARK).write_text("{}")

    def finish(self, content: dict[str, Any]) -> None:
        (self.folder / _MARK).write_text(json.dumps(content))

    @contextmanager
    def opened(self) -> Iterator[None]:
        """This process works on the database of the folder, until the end of the block."""
        before = {name: os.environ.get(name) for name in self.environment}
        os.environ.update(self.environment)
        settings.cache_clear()
        try:
            yield
        finally:
            database.engine().dispose()
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})
            settings.cache_clear()
