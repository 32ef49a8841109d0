"""What is planned and done, by month and week."""

from crm.ui.desk import page
from crm.ui.show import empty

person = page("Calendar", needs="office:see")
empty("Nothing here yet.")
