"""What is planned and done, by month and week."""
