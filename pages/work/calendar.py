"""What is planned and done, by month and week; visits with their check-ins."""

from crm.ui.calendar.page import calendar
from crm.ui.desk import page

page("Calendar", needs="office:see")
calendar()
