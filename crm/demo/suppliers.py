"""Who delivers to the machinery board, and what it asks for its products."""

from __future__ import annotations

import datetime as dt

from crm.catalogue.models import Price, PriceList, Product, Supplier, Supply
from crm.demo.writing import Book, money

_SUPPLIERS = (
    (
        {
            "name": "Harkort Spindle Works",
            "contact": "Irene Falk",
            "phone": "+1 415 555 0137",
            "email": "sales@harkort.example",
            "rating": "A",
            "payment_days": 45,
            "remark": "Spindles, ball screws and machining centres; a quarter of the price with the order.",
        },
        ("Machining centres", "Lathes", "Spare parts"),
    ),
    (
        {
            "name": "宁波海川液压厂",
            "contact": "周立新",
            "phone": "0574-05550182",
            "email": "xs@haichuan.example",
            "rating": "B",
            "payment_days": 30,
            "remark": "液压件和刀具，旺季交货期要多留两周。",
        },
        ("Pumps and valves", "Power units", "Cutting tools", "Spare parts"),
    ),
)
_LISTS = (
    ("Machinery 1997 机械价目表", dt.date(1997, 1, 1), dt.date(1997, 12, 31), 96),
    ("Machinery 1998 机械价目表", dt.date(1998, 1, 1), None, 100),
)
"""Name, days, percent of the usual price."""


def add_suppliers(book: Book, products: dict[str, list[Product]]) -> None:
    """Some products come from both."""
    ids = book.insert(Supplier, [supplier for supplier, _ in _SUPPLIERS])
    supplies = [
        {
            "supplier_id": supplier_id,
            "product_id": product.id,
            "cost": money(int(product.price or 0)) * (68 if supplier_id == ids[0] else 61) // 100,
            "lead_days": 60 if (product.price or 0) > 50_000 else 14,
            "their_code": f"{'HS' if supplier_id == ids[0] else 'HC'}-{number:04}",
        }
        for supplier_id, (_, categories) in zip(ids, _SUPPLIERS, strict=True)
        for number, product in enumerate((one for name in categories for one in products[name]), start=101)
    ]
    book.insert(Supply, supplies)


def add_price_lists(book: Book, board_id: int, products: list[Product]) -> None:
    rows = [
        {"name": name, "board_id": board_id, "starts_on": first + book.moved, "ends_on": last + book.moved if last else None}
        for name, first, last, _ in _LISTS
    ]
    ids = book.insert(PriceList, rows)
    prices = [
        {"price_list_id": list_id, "product_id": product.id, "price": money(int(product.price or 0)) * percent // 100}
        for list_id, (_, _, _, percent) in zip(ids, _LISTS, strict=True)
        for product in products
    ]
    book.insert(Price, prices)
