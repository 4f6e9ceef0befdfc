"""Which of a node's boards, one after the other, took a reading.

Each board counts with a register and a ``seq`` (32 bits) of its own. The node's ``seq`` holds the board's number above
these bits, so that a summary tells two boards apart wherever it was cut, and what was stored of the first board stays.
"""

from typing import Final

from msgspec.structs import replace

from enertrack.domain.reading import Reading

SEQ_BITS: Final = 32


def of_board(reading: Reading, board: int) -> Reading:
    """What the node's board of that number (0: its first) measured, as the node's."""
    return replace(reading, seq=(board << SEQ_BITS) + (reading.seq or 0)) if board else reading


def board_of(seq: int | None) -> int:
    """The number of the board that took a reading of the node's."""
    return (seq or 0) >> SEQ_BITS
