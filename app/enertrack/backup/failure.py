"""What goes wrong with a copy, in words that tell what to do."""

from enertrack.domain.text import Text


class Failed(Exception):
    """A copy could not be made, tried or brought back; the text says why and what to do."""

    def __init__(self, why: Text) -> None:
        super().__init__(why)
        self.why = why
