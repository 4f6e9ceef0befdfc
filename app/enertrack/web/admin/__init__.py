"""``/admin``: who administers looks after services, people and meters; what others measured is not theirs to see."""
