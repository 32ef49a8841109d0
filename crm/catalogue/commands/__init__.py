"""What can be done with products, their categories, suppliers and price lists."""

from crm.catalogue.commands.prices import (
    PriceInput,
    PriceListInput,
    add_price_list,
    delete_price_list,
    edit_price_list,
    put_price,
    save_prices,
    take_out_price,
)
from crm.catalogue.commands.products import (
    CategoryInput,
    ProductInput,
    add_category,
    add_product,
    delete_category,
    delete_product,
    edit_category,
    edit_product,
)
from crm.catalogue.commands.suppliers import (
    SupplierInput,
    SupplyInput,
    add_supplier,
    delete_supplier,
    edit_supplier,
    put_supply,
    save_supplies,
    take_out_supply,
)

__all__ = [
    "CategoryInput",
    "PriceInput",
    "PriceListInput",
    "ProductInput",
    "SupplierInput",
    "SupplyInput",
    "add_category",
    "add_price_list",
    "add_product",
    "add_supplier",
    "delete_category",
    "delete_price_list",
    "delete_product",
    "delete_supplier",
    "edit_category",
    "edit_price_list",
    "edit_product",
    "edit_supplier",
    "put_price",
    "put_supply",
    "save_prices",
    "save_supplies",
    "take_out_price",
    "take_out_supply",
]
