"""Copies of what EnerTrack keeps, and the way back: MariaDB's tables, InfluxDB's bucket and the broker's accounts."""
