"""`handslag overdue`: which promises are broken now, by whom and why, and who was told."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Annotated, Any

import typer

from cli import display
from cli.client import ApiClient, show_json
from cli.display import Json, Limit, Names, lasting, local, say, table, words

INDENT = 2
COUNTS = ("count", "we_were_down", "since")
WHY = {"nobody_answered": "nobody answered", "we_were_down": "we were down"}
NOT_OF_HANDOVERS = ("step", "alarm")


def overdue(
    group_by: Annotated[str, typer.Option(help="Any of unit, pathway, step.")] = (
        "unit,pathway,step"
    ),
    because: Annotated[
        str | None, typer.Option(help="nobody_answered or we_were_down; both if left out.")
    ] = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """What is late in your branch: counted, then one by one, longest late first. No patients."""
    api = ApiClient()
    chosen = {"because": because} if because else {}
    board = display.listed(api, "/overdue", limit, group_by=group_by, **chosen)
    if as_json:
        show_json(board)
        return
    if not board["items"]:
        say("Nothing is overdue.", style="green")
        return
    units, now = display.unit_names(api), datetime.fromisoformat(board["as_of"])
    _groups(board["groups"], units, now)
    for late in board["items"]:
        _late(late, units, now)
    display.say_if_more(board)


def _groups(groups: list[dict[str, Any]], units: Names, now: datetime) -> None:
    by = [name for name in groups[0] if name not in COUNTS]
    rows = [
        (
            *(_group(g[name], units) for name in by),
            *(g["count"], g["we_were_down"], local(g["since"]), _ago(g, now)),
        )
        for g in groups
    ]
    table("Overdue", (*by, "count", "by us", "since", "for"), rows)


def _group(value: str, units: Names) -> str:
    return units.get(value) or words(value)


def _ago(late: dict[str, Any], now: datetime) -> str:
    return lasting(now - datetime.fromisoformat(late["since"]))


def _late(late: dict[str, Any], units: Names, now: datetime) -> None:
    """One broken promise: what and whose, since when, where, and who was told."""
    owner = late["owner_name"] or late["owner"]
    say(f"{_ago(late, now)} late", f"{_what(late)}, owed by {owner}", style="bold")
    waits = [f"{units[late['waiting']]} waits"] if late["waiting"] != late["owner"] else []
    say(f"since {local(late['since'])}", late["pathway"], *waits, indent=INDENT)
    say(*_why(late), indent=INDENT)
    say(f"journey {late['journey_id']}", indent=INDENT)
    if late["kind"] not in NOT_OF_HANDOVERS:
        say(f"handover {late['subject']}", indent=INDENT)
    say(_told(late, units), style="red" if _nobody(late) else "", indent=INDENT)


def _what(late: dict[str, Any]) -> str:
    """What was promised, and of which step or part where that is not a handover's."""
    kind = words(late["kind"])
    return f"{kind} {late['subject']}" if late["kind"] in NOT_OF_HANDOVERS else kind


def _why(late: dict[str, Any]) -> Iterator[str]:
    """Why it is late, and for how long people had not been told through us."""
    yield WHY[late["because"]]
    if late["down_minutes"]:
        lost = timedelta(minutes=late["down_minutes"])
        yield f"we told too late: {lasting(lost)} of it"


def _nobody(late: dict[str, Any]) -> bool:
    return bool(late["last_outcome"] == "nobody_to_tell")


def _told(late: dict[str, Any], units: Names) -> str:
    """Who was told last, and when; that nobody could be told is said too."""
    if late["last_told_at"] is None:
        return "nobody has been told yet"
    verb = "nobody could be told" if _nobody(late) else "told"
    at = f"{local(late['last_told_at'])} ({words(late['last_rung'])})"
    return f"{verb} {at}: {'; '.join(_functions(late, units))}"


def _functions(late: dict[str, Any], units: Names) -> Iterator[str]:
    """The functions of one unit after the other, with those that nobody holds."""
    for unit, told in groupby(late["told"], key=itemgetter("unit")):
        functions = (t["function"] + ("" if t["reached"] else " (not reached)") for t in told)
        yield f"{', '.join(functions)} at {units[unit]}"
