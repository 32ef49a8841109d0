"""Customers, contacts, relations, ownership, orders."""
