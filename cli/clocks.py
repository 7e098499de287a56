"""`handslag clock`: one clock, whose time it has been, and why it is due when it is."""

from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import quote

import typer

from cli import display
from cli.client import ApiClient, show_json
from cli.display import Json, Names, lasting, local, say, table, words
from domain.value import Labels

Fields = dict[str, Any]
Why = Annotated[bool, typer.Option("--why", help="The reckoning, step by step.")]
SIDES = ("receiver", "sender", "patient")


def clock(
    ref: Annotated[str, typer.Argument(metavar="ID", help="A clock as views name it: its ref.")],
    why: Why = False,
    as_json: Json = False,
) -> None:
    """A clock: where it stands, who was told, whose time it was; --why: how it was reckoned.

    Times are those of Europe/Stockholm. The reading is logged.
    """
    api = ApiClient()
    found = api.get(f"/clocks/{quote(ref, safe=':')}" + ("/explanation" if why else ""))
    if as_json:
        show_json(found)
    elif why:
        _reasons(found)
    else:
        _page(found, display.unit_names(api))


def _reasons(found: Fields) -> None:
    """Each sentence in Swedish, with English beneath."""
    for sv, en in zip(found["sv"], found["en"], strict=True):
        say(sv, style="bold")
        say(en, indent=2)


def _page(found: Fields, units: Names) -> None:
    label = Labels.model_validate(found["label"])
    late = ["late"] if found["late"] else []
    say(label.sv, label.en, style="bold")
    say(words(found["state"]), *late, f"due {local(found['due_at'])}")
    say(f"owed by {units[found['owner']]}", f"{units[found['counterpart']]} waits")
    say(_door(found["owner_now"]))
    if found["next"]:
        say(f"next {local(found['next']['at'])}: {words(found['next']['rung'])}, {_tells(found)}")
    for one in found["snoozes"]:
        say(f"{units[one['unit']]} hears nothing until {local(one['until'])}", one["reason"])
    _firings(found["firings"], units)
    if found["ledgers"]:
        _ledgers(found["ledgers"])


def _door(owner: Fields) -> str:
    """A closed unit is closed, whether it is late or not."""
    if owner["open_now"]:
        return "the owner is open now"
    opens = f", opens {local(owner['opens_at'])}" if owner["opens_at"] else ""
    return f"the owner is closed now{opens}"


def _tells(found: Fields) -> str:
    told = found["next"]["tells"]
    return ", ".join(f"{t['function']}{_reach(t)}" for t in told) or "nobody"


def _reach(told: Fields) -> str:
    if not told["reached"]:
        return " (not reached)"
    return " (snoozed)" if told["quiet"] else ""


def _firings(fired: list[Fields], units: Names) -> None:
    rows = [
        (
            local(f["due_at"]),
            local(f["fired_at"]),
            words(f["rung"]),
            words(f["cause"]),
            "; ".join(f"{t['function']}, {units[t['unit']]}{_reach(t)}" for t in f["told"]),
        )
        for f in fired
    ]
    table("Who was told", ("due", "at", "rung", "cause", "who"), rows)


def _ledgers(ledgers: Fields) -> None:
    """Receiver and sender are together the patient."""
    table("Whose time", ("side", "time", "in its own time"), [_account(ledgers, s) for s in SIDES])
    rows = [
        (i["side"], words(i["because"]), local(i["since"]), local(i["until"]))
        for i in ledgers["intervals"]
    ]
    table("Turns", ("side", "because", "since", "until"), rows)


def _account(ledgers: Fields, side: str) -> tuple[str, str, str]:
    spent = ledgers[side]
    whole, counted = (timedelta(seconds=spent[n]) for n in ("seconds", "counted_seconds"))
    return side, lasting(whole), lasting(counted)
