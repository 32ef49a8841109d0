"""Campaigns, leads from collected to converted, and the pools that nobody's leads and customers lie in."""
