"""`handslag handovers`: the inbox, one handover, and the receiver's answers to it."""

from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import quote
from uuid import uuid4

import jwt
import typer

from cli import display, handover_page
from cli.client import ApiClient, CallFailed, show_json
from cli.display import Json, Limit, Names, ShowNumber, local, say, words
from domain.calendar import STOCKHOLM
from domain.handover import DeclineReason
from domain.refusal import REFUSALS, Kind
from runtime import settings

app = typer.Typer(no_args_is_help=True, help="The inbox, and answers to handovers (överlämningar).")
Key = Annotated[
    str,
    typer.Option(
        default_factory=lambda: str(uuid4()),
        show_default="a new one",
        help="Idempotency key: the same key never does it twice.",
    ),
]


@app.command("list")
def list_handovers(
    unit: Annotated[
        str | None, typer.Option(metavar="HSA", help="Whose inbox; your token's unit if not given.")
    ] = None,
    ended: Annotated[bool, typer.Option("--all", help="Ended ones too.")] = False,
    patient: ShowNumber = False,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """The inbox of a unit, newest first. The reading is logged."""
    api = ApiClient()
    path = f"/units/{quote(unit or _own_unit(), safe='')}/inbox"
    page = display.listed(api, path, limit, open=not ended)
    page["items"] = [display.masked(item, patient) for item in page["items"]]
    if as_json:
        show_json(page)
        return
    handover_page.inbox(page["items"], display.unit_names(api))
    display.say_if_more(page)


@app.command()
def show(handover_id: str, patient: ShowNumber = False, as_json: Json = False) -> None:
    """A handover: its state, content, questions, clocks, both sides, and who was told.

    Times are those of Europe/Stockholm. The reading is logged.
    """
    api = ApiClient()
    handover = display.masked(api.get(_path(handover_id)), patient)
    if as_json:
        show_json(handover)
        return
    handover_page.whole(handover, display.unit_names(api), datetime.now(UTC))


@app.command()
def acknowledge(handover_id: str, key: Key, as_json: Json = False) -> None:
    """Say that a person has read it (kvitterad). It is not accepted by that."""
    _answer(handover_id, "acknowledge", {}, key, as_json)


@app.command()
def accept(
    handover_id: str,
    key: Key,
    now: Annotated[bool, typer.Option("--now", help="Take over at once.")] = False,
    at: Annotated[
        str | None,
        typer.Option(metavar="ISO", help="Take over then; Swedish time if it has no offset."),
    ] = None,
    on_discharge: Annotated[
        bool, typer.Option("--on-discharge", help="Take over when the patient leaves.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Promise to take over (accepterad), and say when: --now, --at or --on-discharge."""
    if sum((now, at is not None, on_discharge)) != 1:
        raise typer.BadParameter("say when, once: --now, --at or --on-discharge")
    takes_over = {"when": "now" if now else "on_discharge"}
    if at is not None:
        takes_over = {"when": "at", "at": _instant(at).isoformat()}
    _answer(handover_id, "accept", {"takes_over": takes_over}, key, as_json)


@app.command()
def decline(
    handover_id: str,
    key: Key,
    reason: Annotated[DeclineReason, typer.Option(help="The coded reason; other needs --text.")],
    text: Annotated[str | None, typer.Option(help="The reason in words.")] = None,
    proposes: Annotated[
        str | None, typer.Option(metavar="HSA", help="A unit that it should go to instead.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Send it back with a reason (återsänd); the sender goes on holding the part."""
    body = {"reason": reason.value, "text": text, "proposes": proposes}
    given = {name: value for name, value in body.items() if value is not None}
    _answer(handover_id, "decline", given, key, as_json)


@app.command()
def redirect(
    handover_id: str,
    key: Key,
    to: Annotated[str, typer.Option(metavar="HSA", help="A unit of your own organisation.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    as_json: Json = False,
) -> None:
    """Pass it on inside the organisation (skicka vidare); it is due no later by that."""
    _answer(handover_id, "redirect", {"to": to, "reason": reason}, key, as_json)


def _answer(handover_id: str, action: str, body: dict[str, Any], key: str, as_json: bool) -> None:
    """Submit an answer and tell its result; the names come first, lest they fail after it."""
    api = ApiClient()
    units = Names() if as_json else display.unit_names(api)
    try:
        view = api.post(f"{_path(handover_id)}/{action}", body, key)
    except CallFailed as error:
        if not _undecided(error):
            raise
        raise CallFailed(f"{error} To repeat it safely: --key {key}") from None
    if as_json:
        show_json(view)
        return
    holder = units[view["holder"]]
    say(words(view["state"]), f"{words(view['part'])} is held by {holder}", style="bold")
    say(_next_due(view, units))


def _undecided(error: CallFailed) -> bool:
    """Whether it may have been done all the same: no answer, or none of the coded refusals."""
    refusal = REFUSALS.get(str(error).partition(":")[0])
    return refusal is None or refusal.kind in (Kind.UNAVAILABLE, Kind.BROKEN)


def _next_due(view: dict[str, Any], units: Names) -> str:
    """The next promise of the handover, and who owes it."""
    clock = display.next_clock(view["clocks"])
    if clock is None:
        return "no clock runs"
    owner = units[clock["owner"]]
    return f"next due {local(clock['due_at'])}: {words(clock['kind'])}, by {owner}"


def _path(handover_id: str) -> str:
    return f"/handovers/{quote(handover_id, safe='')}"


def _instant(text: str) -> datetime:
    """An instant as it was given; without an offset, by the wall clock in Stockholm."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no ISO 8601 time, such as 2026-12-04T11:00"
        ) from None
    if found.tzinfo is not None:
        return found
    here = found.replace(tzinfo=STOCKHOLM)
    if here.utcoffset() != here.replace(fold=1).utcoffset():
        raise typer.BadParameter("summer time begins or ends then; say the offset, such as +01:00")
    return here


def _own_unit() -> str:
    """The unit that the token speaks for, read without a check: the API makes that."""
    config = settings.load()
    try:
        token = (
            config.token.get_secret_value()
            if config.token
            else (config.home / "token").read_text(encoding="utf-8").strip()
        )
        return str(jwt.decode(token, options={"verify_signature": False})["unit"])
    except (OSError, jwt.InvalidTokenError, KeyError):
        raise CallFailed("The token names no unit; say which: --unit HSA") from None
