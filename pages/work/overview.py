"""Overview: the first question of the person who opens it."""

from crm.ui import overview
from crm.ui.desk import page
from crm.ui.inbox.announcements import announcement_line

person = page("Overview")
announcement_line()
overview.VIEWS.get(person.role, overview.director)(person)
