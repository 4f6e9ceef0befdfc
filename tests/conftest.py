"""Servers that the whole run shares."""

pytest_plugins = ["tests.support.mariadb", "tests.support.mosquitto", "tests.support.influxd"]
