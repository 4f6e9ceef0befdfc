"""Ratios between EnerTrack and another way of doing the same, measured in one run."""
