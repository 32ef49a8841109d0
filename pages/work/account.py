"""My account: who I am here, my language, my password, where I am signed in."""

import streamlit as st

from crm.staff import commands, queries
from crm.ui.desk import act, find, in_scope, page
from crm.ui.form import form
from crm.ui.sign_in import origin
from crm.ui.table import table
from crm.ui.team.absences import my_absences
from crm.ui.text import literal
from crm.words import label, say

me = page("My account")
left, right = st.columns(2, gap="large")

with left, st.container(border=True, key="password"):
    st.subheader(say("Change my password"), anchor=False)
    if me.must_change:
        st.info(say("Choose a password of your own: somebody else knows the one you have."), icon=":material/key:")
    change = form(commands.PasswordChange, key="change_password", columns=1, save="Change")
    if change:
        act(
            commands.change_own_password,
            change,
            me.session_id,
            origin(),
            done="Password changed. You are signed out everywhere else.",
        )

with right:
    user = find(queries.person, me.user_id)
    if user and not me.must_change:
        st.subheader(say("Me"), anchor=False)
        lines = [f"{label(me.role, of='role')} · {me.unit_name}", user.username, user.email, user.phone]
        st.markdown("  \n".join([f"**{literal(user.name)}**", *(literal(line) for line in lines if line)]))
        my_absences()
        st.subheader(say("Where I am signed in"), anchor=False)
        mine = in_scope(lambda session: queries.my_browser_sessions(session, current=me.session_id))
        table(
            mine,
            key="sessions",
            columns=["created_at", "expires_at", "this_one"],
            labels={"created_at": say("Since"), "expires_at": say("Until")},
            opens=False,
        )
        if len(mine) > 1 and st.button(say("Sign out everywhere else"), icon=":material/logout:", key="end_others"):
            act(commands.end_other_sessions, me.session_id, origin(), done="Signed out everywhere else.")
