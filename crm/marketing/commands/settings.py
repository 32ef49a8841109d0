"""The rules of a board's pools and scores."""

from __future__ import annotations

from crm.access import Reach
from crm.errors import Refused
from crm.marketing.pooling import PoolRules, pools_key, scores_key
from crm.marketing.scoring import ScoreRules
from crm.office.commands import put_setting
from crm.office.models import Setting
from crm.session import ScopedSession


def set_pool_rules(session: ScopedSession, board_id: int, rules: PoolRules) -> Setting:
    require_board(session, board_id)
    rules.check()
    return put_setting(session, pools_key(board_id), rules.model_dump(mode="json"))


def set_score_rules(session: ScopedSession, board_id: int, rules: ScoreRules) -> Setting:
    """Scores follow with the next refresh: see `refresh_scores`."""
    require_board(session, board_id)
    rules.check()
    return put_setting(session, scores_key(board_id), rules.model_dump(mode="json"))


def require_board(session: ScopedSession, board_id: int) -> None:
    actor = session.actor
    actor.must("settings", "office")
    reach = actor.grant("marketing").change
    if reach is not Reach.EVERYTHING and (reach is Reach.NOTHING or board_id not in actor.team_ids):
        raise Refused("This board is not yours to set rules for.")
