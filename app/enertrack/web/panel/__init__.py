"""The first page: all of a person's meters together."""
