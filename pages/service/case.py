"""One case: what happened, what was said, what is promised."""

from crm.ui.desk import record_page
from crm.ui.top import top_line
from crm.words import say

person = record_page(needs="support:see")
top_line(say("Case"), person)
