"""The rules of EnerTrack: no I/O, no clock, nothing of the rooms above."""
