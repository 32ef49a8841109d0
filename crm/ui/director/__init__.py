"""Whether the quarter will be made, on one screen."""
