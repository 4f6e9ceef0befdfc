"""One meter: its present, and the history of what it measures."""
