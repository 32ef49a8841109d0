"""The rules of a board."""

from __future__ import annotations

from sqlalchemy import select

from crm.marketing.nurturing import NurturePlans, nurture_key
from crm.marketing.pooling import PoolRules, pools_key, scores_key
from crm.marketing.scoring import ScoreRules
from crm.office.models import Setting
from crm.office.queries import setting
from crm.session import ScopedSession


def pool_rules(session: ScopedSession, board_id: int) -> PoolRules:
    stored = setting(session, pools_key(board_id)) or {}
    return PoolRules.model_validate({name: value for name, value in stored.items() if name in PoolRules.model_fields})


def score_rules(session: ScopedSession, board_id: int) -> ScoreRules:
    return ScoreRules.model_validate(setting(session, scores_key(board_id)) or {})


def nurture_plans(session: ScopedSession, board_id: int) -> NurturePlans:
    return NurturePlans.model_validate(setting(session, nurture_key(board_id)) or {})


def rules_version(session: ScopedSession, key: str) -> int:
    """0 while nobody has set anything."""
    return session.scalar(select(Setting.version).where(Setting.key == key)) or 0
