"""Service cases: what to do first, all of them, visits, known problems."""

from crm.ui.desk import page

person = page("Cases", needs="support:see")
