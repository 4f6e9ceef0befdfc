"""``enertrack doctor``: what works, what does not, what that means and how to mend it."""
