"""Service: cases and their clocks, complaints, feedback, knowledge."""
