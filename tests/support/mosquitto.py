"""A real Mosquitto for the tests."""
