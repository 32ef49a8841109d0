"""What can be done in marketing."""
