"""A real Mariadb for the tests."""
