"""Perennial CRM."""
