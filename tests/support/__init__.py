"""Real servers for the tests, each in a temporary folder on a free port of 127.0.0.1."""
