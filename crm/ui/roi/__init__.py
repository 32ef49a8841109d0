"""Whether all of this pays."""
