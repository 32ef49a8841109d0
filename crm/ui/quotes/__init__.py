"""Quotes: the versions of a deal, the editor, decisions, the document for the customer, and the lists."""
