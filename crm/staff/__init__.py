"""People, units, sign-in."""
