"""What people shall reach, what they reached, what it was worth, and how they are judged and paid for it."""
