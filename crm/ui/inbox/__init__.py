"""What a person is to know: one place for all of it."""
