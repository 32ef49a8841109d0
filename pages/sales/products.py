"""Products in their categories, who delivers them, and what they cost."""

from crm.ui.catalogue.categories import categories
from crm.ui.catalogue.price_lists import price_lists
from crm.ui.catalogue.suppliers import suppliers
from crm.ui.desk import page
from crm.ui.parts import one_of
from crm.ui.products import product_list
from crm.words import say

page("Products", needs="catalogue:see")
one_of(
    {
        "products": (say("Products"), product_list),
        "categories": (say("Categories"), categories),
        "suppliers": (say("Suppliers"), suppliers),
        "prices": (say("Price lists"), price_lists),
    }
)
