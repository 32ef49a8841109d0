"""Overview: the first question of the person who opens it."""

from crm.ui import overview
from crm.ui.desk import page

person = page("Overview")
overview.VIEWS.get(person.role, overview.director)(person)
