"""The frame around every page: who is signed in, in which language, which menu."""

from crm.ui.frame import run_frame

run_frame()
