"""What I am to know: workflow, alerts, messages, announcements."""

from crm.ui.desk import page
from crm.ui.show import empty

person = page("Inbox")
empty("Nothing here yet.")
