"""What can be asked about products, their categories, suppliers and price lists."""

from crm.catalogue.queries.prices import list_prices, price_list, price_lists, prices_in
from crm.catalogue.queries.products import (
    EVERY_PRODUCT,
    PAGE_SIZE,
    ProductFilter,
    categories,
    category,
    category_choices,
    product,
    product_choices,
    product_count,
    product_rows,
    products,
)
from crm.catalogue.queries.suppliers import (
    EVERY_SUPPLIER,
    SupplierFilter,
    supplier,
    supplier_choices,
    supplier_count,
    suppliers,
    suppliers_of,
    supplies,
)

__all__ = [
    "EVERY_PRODUCT",
    "EVERY_SUPPLIER",
    "PAGE_SIZE",
    "ProductFilter",
    "SupplierFilter",
    "categories",
    "category",
    "category_choices",
    "list_prices",
    "price_list",
    "price_lists",
    "prices_in",
    "product",
    "product_choices",
    "product_count",
    "product_rows",
    "products",
    "supplier",
    "supplier_choices",
    "supplier_count",
    "suppliers",
    "suppliers_of",
    "supplies",
]
