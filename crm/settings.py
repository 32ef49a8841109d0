"""Settings from the environment (prefix CRM_) with safe defaults; secrets are generated at set-up, never in git."""

from __future__ import annotations

import os
import secrets
from functools import lru_cache
from pathlib import Path

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="CRM_", env_file=".env", extra="ignore")

    data_dir: Path = ROOT / "data"
    database_url: str = Field(default="", validation_alias=AliasChoices("DATABASE_URL", "CRM_DATABASE_URL"))
    port: int = 8501
    address: str = "127.0.0.1"
    session_days: int = 7
    """How long a sign-in lasts without a new password."""
    attachment_megabytes: int = Field(20, ge=1, le=200)
    """The largest file that may hang on a record."""
    secret_key: str = ""
    """Signs what the browser keeps; empty = read from data/keys/secret_key."""

    @property
    def url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'crm.db'}"

    @property
    def documents(self) -> Path:
        return self.data_dir / "documents"

    @property
    def key_file(self) -> Path:
        return self.data_dir / "keys" / "secret_key"

    def key(self) -> str:
        """The installation's secret, at least 32 random bytes; refuses a short or missing one."""
        value = self.secret_key or (self.key_file.read_text().strip() if self.key_file.exists() else "")
        if len(value) < 43:
            raise RuntimeError(
                "No secret key: run `python -m crm setup` first, or set CRM_SECRET_KEY to 32 random bytes or more."
            )
        return value

    def create_key(self) -> None:
        """Generate the secret once, readable by its owner only."""
        if self.secret_key or self.key_file.exists():
            return
        self.key_file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))


@lru_cache
def settings() -> Settings:
    return Settings()
