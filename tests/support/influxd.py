"""A real Influxd for the tests."""
