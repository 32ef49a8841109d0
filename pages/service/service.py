"""How the service goes: figures, complaints, satisfaction, promises."""

import streamlit as st

from crm.ui.desk import page
from crm.ui.insight.sides import side
from crm.ui.support.complaints import complaints
from crm.ui.support.figures import figures
from crm.ui.support.promises import promises
from crm.ui.support.quality import KEPT
from crm.ui.support.satisfaction import satisfaction
from crm.words import say

SIDES = {"figures": "Figures", "complaints": "Complaints", "satisfaction": "Satisfaction", "promises": "Promises"}
DRAWN = {"figures": figures, "complaints": complaints, "satisfaction": satisfaction, "promises": promises}

page("Service quality", needs="support:see")
titles = {name: say(title) for name, title in SIDES.items()}
shown = side("show", titles, key="service.show", title=say("View"), keep=KEPT)
st.fragment(DRAWN[shown])()
