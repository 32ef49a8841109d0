"""The parts of a customer's page, a file each."""
