"""A browser in which a person has signed in before carries a mark. With it he gets past the lock that somebody else's wrong
passwords put on his name: nobody is shut out by a stranger for good."""

from __future__ import annotations

import hashlib
import hmac

from sqlalchemy import select

from crm.access import SYSTEM
from crm.session import open_as
from crm.settings import settings
from crm.staff.models import Credential

COOKIE = "crm_known"
DAYS = 365


def mark_for(user_id: int) -> str | None:
    """What the browser keeps after the right password. Worth nothing once the password is changed."""
    with open_as(SYSTEM) as session:
        found = session.scalars(select(Credential).where(Credential.user_id == user_id)).first()
        return _mark(found) if found else None


def is_known(mark: str | None, credential: Credential) -> bool:
    return mark is not None and hmac.compare_digest(mark.encode(), _mark(credential).encode())


def _mark(credential: Credential) -> str:
    about = f"known browser {credential.user_id} {credential.password_hash}"
    return hmac.new(settings().key().encode(), about.encode(), hashlib.sha256).hexdigest()
