"""Who may what: the policy as it stands in the code, area by area. Nothing here is a copy."""

import streamlit as st

from crm.staff.queries import grants
from crm.ui.desk import page
from crm.words import label, say
from crm.words.formats import spoken

me = page("Who may what")
st.caption(say("“Own”: what I own. “Team”: my unit and those below it. Records shared with me come on top."))
policy = grants()
cells = st.columns(2, gap="large")
for position, (area, rows) in enumerate(policy.groupby("area", sort=False)):
    with cells[position % 2]:
        st.subheader(label(str(area), of="area"), anchor=False)
        shown = rows.assign(
            role=[f"**{label(role, of='role')}**" if role == me.role else label(role, of="role") for role in rows["role"]],
            see=[label(reach, of="reach") if reach != "nothing" else "–" for reach in rows["see"]],
            change=[label(reach, of="reach") if reach != "nothing" else "–" for reach in rows["change"]],
            also=[spoken([label(action.replace(" ", "_"), of="action") for action in actions]) for actions in rows["may"]],
        )
        st.table(shown[["role", "see", "change", "also"]].rename(columns=label).set_index(label("role")))
