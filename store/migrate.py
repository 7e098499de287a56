"""Bringing a database to the newest schema. Run by the owner role only."""

import logging
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

FOLDER = Path(__file__).parent / "migrations"


def upgrade(url: str) -> None:
    """Run every migration that has not run yet."""
    _run(url, lambda config: command.upgrade(config, "head"))


def check(url: str) -> None:
    """Raises when the tables in code differ from the migrated schema."""
    _run(url, command.check)


def _run(url: str, what: Callable[[Config], None]) -> None:
    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    engine = create_engine(url, hide_parameters=True)
    try:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            what(config)
    finally:
        engine.dispose()
