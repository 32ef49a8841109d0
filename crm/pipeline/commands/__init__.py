"""What can be done in pipeline."""
