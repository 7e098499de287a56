"""The schema comes from the migrations alone, and they can be run again, back and forth."""

from collections.abc import Callable

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text
from sqlmodel import SQLModel

from runtime.embedded.postgres import OWNER, EmbeddedPostgres
from store import migrate


def alembic(url: str, what: Callable[[Config], None]) -> None:
    """What only a developer does: anything but going to the newest."""
    config = Config()
    config.set_main_option("script_location", str(migrate.FOLDER))
    engine = create_engine(url)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        what(config)
    engine.dispose()


def things(url: str) -> set[tuple[str, str]]:
    """Every table, function, trigger and policy in the schema."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT 'table', tablename FROM pg_tables WHERE schemaname = 'public'"
                " UNION SELECT 'function', p.proname FROM pg_proc p"
                "   JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public'"
                " UNION SELECT 'trigger', tgrelid::regclass || '.' || tgname FROM pg_trigger"
                "   WHERE NOT tgisinternal"
                " UNION SELECT 'policy', tablename || '.' || policyname FROM pg_policies"
                " UNION SELECT 'grant', table_name || '.' || grantee || '.' || privilege_type"
                "   FROM information_schema.table_privileges WHERE table_schema = 'public'"
            )
        )
        rows = {(kind, name) for kind, name in found}
    engine.dispose()
    return rows


def test_the_migrated_schema_is_that_of_the_code(postgres: EmbeddedPostgres, empty: str) -> None:
    url = postgres.url(OWNER, empty)

    migrate.upgrade(url)

    migrate.check(url)
    made = {name for kind, name in things(url) if kind == "table"}
    assert made == set(SQLModel.metadata.tables) | {"alembic_version"}


def test_a_second_upgrade_changes_nothing(postgres: EmbeddedPostgres, empty: str) -> None:
    url = postgres.url(OWNER, empty)
    migrate.upgrade(url)
    before = things(url)

    migrate.upgrade(url)

    assert things(url) == before


def test_every_migration_can_be_taken_back_and_run_again(
    postgres: EmbeddedPostgres, empty: str
) -> None:
    url = postgres.url(OWNER, empty)
    migrate.upgrade(url)
    before = things(url)

    alembic(url, lambda config: command.downgrade(config, "base"))
    left = {name for kind, name in things(url) if kind in ("table", "function", "trigger")}
    migrate.upgrade(url)

    assert left == {"alembic_version"}
    assert things(url) == before
    migrate.check(url)
