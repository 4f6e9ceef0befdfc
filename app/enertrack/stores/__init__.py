"""The outside things, one file each: tables, measurements, the broker."""
