"""What can be asked about marketing."""
