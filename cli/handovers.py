"""Placeholder being written."""

import typer

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def listed() -> None:
    """Not yet written."""


@app.command()
def show(identity: str) -> None:
    """Not yet written."""
