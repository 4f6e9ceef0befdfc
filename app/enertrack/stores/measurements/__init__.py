"""Where readings and their summaries are kept: InfluxDB v2, or SQLite when embedded."""
