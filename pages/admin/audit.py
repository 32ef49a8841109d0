"""Audit: every change with before and after, and every sign-in; each as far as I may see."""

from crm.ui.audit import changes, sign_ins
from crm.ui.desk import page
from crm.ui.parts import one_of
from crm.words import say

page("Audit", needs="staff:audit")
one_of({"changes": (say("Changes"), changes), "sign_ins": (say("Sign-ins"), sign_ins)})
