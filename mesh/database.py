"""PostgreSQL: one schema a service, sessions that commit or roll back as a whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from mesh import migrations
from mesh.errors import SpotterError, StartupError, Unavailable, is_passing
from mesh.interceptors import as_spotter_error
from mesh.settings import MeshSettings

_log = structlog.get_logger()
CONNECT_TIMEOUT_S = 30.0
POOL_SIZE = 4


class Database:
    """A service's schema, migrated to its newest version. Use as `async with Database(settings, "motion", path)`.

    Raises StartupError on entry where the server doesn't answer within 30 s or a migration fails.
    """

    def __init__(self, settings: MeshSettings, schema: str, migrations_dir: Path) -> None:
        self.schema = schema
        self._url = settings.database_url
        self._migrations_dir = migrations_dir
        self.engine: AsyncEngine = create_async_engine(
            self._url,
            pool_size=POOL_SIZE,
            max_overflow=POOL_SIZE,
            pool_pre_ping=True,
            pool_timeout=5,
            connect_args={
                "options": f"-csearch_path={schema},public -cstatement_timeout=10000",
                "connect_timeout": 2,
                "application_name": f"spotter-{schema}",
            },
        )
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self._reading = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @property
    def name(self) -> str:
        """Name for health."""
        return "postgres"

    async def __aenter__(self) -> Database:
        deadline = asyncio.get_running_loop().time() + CONNECT_TIMEOUT_S
        while True:
            try:
                await asyncio.to_thread(migrations.upgrade, self._url, self.schema, self._migrations_dir)
                return self
            except (OperationalError, InterfaceError) as error:
                if asyncio.get_running_loop().time() > deadline:
                    raise StartupError(
                        "PostgreSQL doesn't answer; is it running, and is SPOTTER_DATABASE_URL right? "
                        f"({type(error.orig).__name__})"
                    ) from None
                await asyncio.sleep(0.3)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.engine.dispose()

    async def check(self) -> None:
        """Raises where the server doesn't answer."""
        async with self.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session that commits at the end of the block, and rolls back where the block raises."""
        async with self._sessions() as session, session.begin():
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection on which every statement stands alone: half as many trips to the server as in a transaction."""
        async with self._reading.connect() as connection:
            yield connection


@as_spotter_error.register(OperationalError)
@as_spotter_error.register(InterfaceError)
def _database_away(error: OperationalError | InterfaceError) -> SpotterError:
    return Unavailable("DATABASE_UNAVAILABLE", "The database can't be reached; try again in a few seconds.")


@is_passing.register(DBAPIError)
def is_connection_error(error: BaseException) -> bool:
    """True where the server went away, so that doing the same again later makes sense."""
    return isinstance(error, OperationalError | InterfaceError) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    )
