"""RFM explorer: cells and segments, and who is in them."""

import streamlit as st

from crm.ui.desk import page
from crm.ui.insight.rfm_charts import cells, segments
from crm.ui.insight.rfm_lens import chosen_lens
from crm.ui.insight.rfm_lists import lists
from crm.ui.insight.rfm_migration import migrations
from crm.ui.insight.rfm_rules import preview, rules
from crm.ui.insight.rfm_view import chosen_view
from crm.ui.show import empty

person = page("RFM", needs="insight:see")
left, right = st.columns([1.3, 3.2], gap="large")
with left:
    lens = chosen_lens(person)
    if lens is not None:
        lists(lens.board.id)
with right:
    if lens is None:
        empty("You see no board yet. An administrator gives you one under People.")
    elif lens.base.empty:
        empty("Nobody has bought by this day. Import orders, or choose a later day.")
    else:
        view = chosen_view()
        preview(lens)
        {"cells": cells, "segments": segments, "change": migrations, "rules": rules}[view](lens)
