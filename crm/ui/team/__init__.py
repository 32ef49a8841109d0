"""Who reaches what, and how each of the team works."""
