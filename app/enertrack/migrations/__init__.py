"""How the tables came to be as they are: Alembic's revisions, run by ``enertrack.stores.migration``."""
