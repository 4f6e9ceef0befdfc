"""EnerTrack: energy of homes, shops and workshops, from the meter to the screen."""
