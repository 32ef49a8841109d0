"""The parts of an opportunity's page, a file each."""
