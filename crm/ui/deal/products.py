"""What is to be sold, and the quotes for it."""

from __future__ import annotations

from crm.pipeline import queries
from crm.pipeline.models import Opportunity
from crm.ui.deal.closing import currency
from crm.ui.deal.parts import parts
from crm.ui.desk import load
from crm.ui.show import heading
from crm.words.formats import money


def products(deal: Opportunity, may: bool) -> None:
    rows = load(queries.lines, opportunity_id=deal.id)
    if rows.empty:
        heading("Products")
    else:
        total = money(float(rows["amount"].sum()), currency(deal))
        heading("{count:product|products} for {total}", count=len(rows), total=total)
    parts(deal, "line", may)
