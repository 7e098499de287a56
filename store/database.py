"""The engine, and transactions in which PostgreSQL knows for which units is being read."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

# Nobody waits longer than a caller does.
STATEMENT_MS = 8000
LOCK_MS = 4000


def connect(url: str, *, pool_size: int = 10) -> AsyncEngine:
    """An engine that never shows parameters in errors or logs."""
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        hide_parameters=True,
        connect_args={
            "connect_timeout": 3,
            "application_name": "handslag",
            "options": f"-c statement_timeout={STATEMENT_MS} -c lock_timeout={LOCK_MS}",
        },
    )


@asynccontextmanager
async def reading(
    engine: AsyncEngine, units: Sequence[str], principal: str = "", boards: Sequence[str] = ()
) -> AsyncIterator[AsyncConnection]:
    """One transaction in which the row policies see `units` and `principal`; gone with it.

    `boards` are units whose handovers are counted, those too that they have sent back.

    Session-level settings would leak to the next user of the pooled connection.
    """
    async with engine.begin() as connection:
        await connection.execute(
            text(
                "SELECT set_config('handslag.units', :units, true),"
                " set_config('handslag.principal', :principal, true),"
                " set_config('handslag.boards', :boards, true)"
            ),
            {"units": ",".join(units), "principal": principal, "boards": ",".join(boards)},
        )
        yield connection


async def answers(engine: AsyncEngine) -> bool:
    """Whether PostgreSQL answers now."""
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True
