"""What can be asked about pipeline."""
