"""Energy by hour, day, month and year."""
