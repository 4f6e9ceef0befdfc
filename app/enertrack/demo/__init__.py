"""Meters that do not exist: simulated, replayed from tables, and the demo that needs no server."""
