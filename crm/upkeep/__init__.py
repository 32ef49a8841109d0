"""The database as a whole: moved from one server to another, and checked against what must always hold."""
