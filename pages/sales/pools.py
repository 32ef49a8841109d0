"""Pools: what nobody works, why it lies there, and who may take it."""

from crm.marketing import queries
from crm.office.queries import today
from crm.ui.boards import one_board
from crm.ui.desk import figures, load, me, page
from crm.ui.insight.sides import side
from crm.ui.marketing.pool_list import pool
from crm.ui.marketing.pool_rules import rules
from crm.ui.marketing.pool_warnings import moved, warnings
from crm.ui.show import empty
from crm.words import say

page("Pools", needs="marketing:see")
board = one_board(me(), "pools.board")
if board is None:
    empty("Pools belong to a board, and you work in none.")
else:
    counts = figures(queries.pool_totals, board_id=board.id)
    warned = len(load(queries.pool_warnings, day=figures(today), board_id=board.id))
    titles = {
        "potential": say("Potential customers · {count}", count=counts["potential"]),
        "won": say("Won customers · {count}", count=counts["won"]),
        "leads": say("Leads · {count}", count=counts["leads"]),
        "invalid": say("Out of work · {count}", count=counts["invalid"]),
        "warnings": say("Warnings · {count}", count=warned),
        "moved": say("What moved"),
        "rules": say("Rules"),
    }
    shown = side("show", titles, key="pools.show", title=say("Pool"), keep=("board",))
    others = {"warnings": warnings, "moved": moved, "rules": rules}
    if shown in others:
        others[shown](board)
    else:
        pool(board, shown)
