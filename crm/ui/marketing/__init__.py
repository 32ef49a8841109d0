"""Leads, campaigns and pools on screen."""
