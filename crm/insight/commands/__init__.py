"""What can be done: publish a model, score the base, draw and work the call queue."""

from crm.insight.commands.calls import draw_calls, log_call, set_call_settings, skip_call, snooze_call
from crm.insight.commands.publishing import publish_run
from crm.insight.commands.scoring import Scored, boards, past_scores, score_board, score_boards, snapshot_of

__all__ = [
    "Scored",
    "boards",
    "draw_calls",
    "log_call",
    "past_scores",
    "publish_run",
    "score_board",
    "score_boards",
    "set_call_settings",
    "skip_call",
    "snapshot_of",
    "snooze_call",
]
