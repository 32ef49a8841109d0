"""What I am to know: workflow, alerts, messages, announcements."""

from crm.ui.desk import page
from crm.ui.inbox.page import inbox

person = page("Inbox")
inbox()
