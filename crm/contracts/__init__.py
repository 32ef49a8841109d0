"""Contracts, what is to be received and what was, invoices, refunds and renewals."""
