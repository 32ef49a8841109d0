"""What is known already: articles to search, write and publish."""

from crm.ui.desk import page

person = page("Knowledge", needs="support:see")
