"""Moving over from the original EnerTrack: its tables and its measurements, read from copies and brought into ours."""
