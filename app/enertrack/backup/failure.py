"""What goes wrong with a copy, in words that tell what to do."""


class Failed(Exception):
    """A copy could not be made, tried or brought back; the text says why and what to do, in Spanish."""
