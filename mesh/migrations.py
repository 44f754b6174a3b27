"""Alembic without its command line: every service brings `migrations/versions`, the environment is shared."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

_ENVIRONMENT = Path(__file__).parent / "migration_environment"


def upgrade(url: str, schema: str, migrations_dir: Path, revision: str = "head") -> None:
    """Creates the schema and brings it to `revision`. Replicas that start together take turns.

    Raises sqlalchemy.exc.OperationalError where the server doesn't answer.
    """
    engine = create_engine(url, connect_args={"connect_timeout": 2})
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:schema))"), {"schema": f"migrate-{schema}"})
            connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))
            connection.execute(text(f'SET LOCAL search_path TO "{schema}", public'))
            config = Config()
            config.set_main_option("script_location", str(_ENVIRONMENT))
            config.set_main_option("version_locations", str(migrations_dir / "versions"))
            config.set_main_option("path_separator", "newline")
            config.attributes["connection"] = connection
            config.attributes["schema"] = schema
            command.upgrade(config, revision)
    finally:
        engine.dispose()
