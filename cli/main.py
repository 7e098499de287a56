"""`handslag`: run it, and work with journeys and handovers from a terminal."""

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli import (
    clocks,
    downtime,
    handovers,
    journeys,
    overdue,
    pathways,
    process_log,
    units,
    waiting,
)
from cli.client import CallFailed, remember_token
from cli.load import load
from cli.pathway_files import FileRefused
from cli.up import up as bring_up
from cli.users import NoSuchUser, token_for
from runtime import logs, settings
from runtime.embedded.processes import PortTaken
from runtime.embedded.supervisor import AlreadyRunning
from runtime.issuer import EmbeddedIssuer
from runtime.settings import SettingsError
from store import migrate as schema
from store.catalogue import AlreadyPublished, NobodyTold

ROOT = Path(__file__).resolve().parent.parent

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
app.add_typer(journeys.app, name="journeys")
app.add_typer(handovers.app, name="handovers")
app.add_typer(units.app, name="units")
app.add_typer(pathways.app, name="pathway")
app.command("overdue")(overdue.overdue)
app.command("clock")(clocks.clock)
app.command("waiting")(waiting.waiting)
app.command("gaps")(waiting.gaps)
app.command("downtime-pack")(downtime.downtime_pack)
app.command("ocel")(process_log.ocel)
app.command("followed")(process_log.followed)


@app.command()
def up() -> None:
    """Start everything on this machine: PostgreSQL, Temporal, worker, API. Ctrl-C stops it."""
    config = settings.load_embedded()
    logs.configure(config.log_json, "supervisor")
    raise typer.Exit(asyncio.run(bring_up(config, Console())))


@app.command()
def api() -> None:
    """Run the API alone, with the settings of the environment."""
    _become("-m", "api.app")


@app.command()
def worker() -> None:
    """Run the worker alone, with the settings of the environment."""
    _become("-m", "worker")


@app.command()
def openapi() -> None:
    """Print the API's OpenAPI document."""
    _become("-m", "api.openapi")


@app.command()
def migrate(
    demo: Annotated[bool, typer.Option(help="Also load the demo organisations and units.")] = False,
) -> None:
    """Bring schema, calendar, ladders and pathways up to date, as the database's owner."""
    url = settings.load().require_database_url()
    schema.upgrade(url)
    asyncio.run(load(url, datetime.now(UTC).date(), demo=demo))
    typer.echo("The schema and the reference data are up to date.")


@app.command()
def login(username: str) -> None:
    """Print a token for a demo user and remember it for the next commands. Embedded mode only."""
    config = settings.load_embedded()
    token = token_for(EmbeddedIssuer(config), username)
    remember_token(config, token)
    typer.echo(token)


def run() -> None:
    """The command's entry: every expected failure is one clear line, never a traceback."""
    try:
        app()
    except (
        SettingsError,
        PortTaken,
        AlreadyRunning,
        CallFailed,
        FileRefused,
        AlreadyPublished,
        NobodyTold,
    ) as error:
        _fail(str(error))
    except NoSuchUser as error:
        _fail(f"No demo user is called {error}; see catalogue/users.yaml.")


def _fail(text: str) -> None:
    Console(stderr=True).print(text, style="red", highlight=False, markup=False, soft_wrap=True)
    sys.exit(1)


def _become(*argv: str) -> None:
    """Become another program, in the folder where the house stands."""
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, *argv])  # noqa: S606 - our own interpreter


if __name__ == "__main__":
    run()
