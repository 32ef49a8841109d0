"""The page of the pipeline: its board, its list, and how the firm sells."""
