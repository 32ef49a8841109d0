"""Contracts, what is owed for them and what came in: the pages, and their parts on a deal and a customer."""
