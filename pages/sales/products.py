"""Products: the tree of categories at the left, the list at the right."""

from crm.ui.desk import page
from crm.ui.products import product_list

page("Products", needs="catalogue:see")
product_list()
