"""Alembic without its command line: every service brings `migrations/versions`, the environment is shared."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sqlalchemy import Connection, create_engine, text

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
            wanted = f"{revision} {_fingerprint(migrations_dir)}"
            describe = text("SELECT obj_description(to_regnamespace(:schema), 'pg_namespace')")
            if connection.execute(describe, {"schema": schema}).scalar() == wanted:
                return
            _run_alembic(connection, schema, migrations_dir, revision)
            connection.execute(text(f"COMMENT ON SCHEMA \"{schema}\" IS '{wanted}'"))
    finally:
        engine.dispose()


def _fingerprint(migrations_dir: Path) -> str:
    """Hash of all versions. A schema that carries it is current, and Alembic, slow to import, stays out."""
    digest = hashlib.sha256()
    for path in sorted((migrations_dir / "versions").glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _run_alembic(connection: Connection, schema: str, migrations_dir: Path, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_ENVIRONMENT))
    config.set_main_option("version_locations", str(migrations_dir / "versions"))
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    config.attributes["schema"] = schema
    command.upgrade(config, revision)
