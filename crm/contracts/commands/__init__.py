"""What can be done in contracts."""
