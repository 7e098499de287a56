"""`handslag waiting` and `handslag gaps`: who waits and why; where handovers wait or bounce."""

from datetime import datetime
from typing import Annotated, Any

import typer

from cli import display
from cli.client import ApiClient, show_json
from cli.display import Json, Limit, Names, lasting, local, say, table, words

INDENT = 2
OF_JOURNEYS = "intervention"
FIGURES = ("sent", "accepted", "declined", "passed_on", "silent", "withdrawn")


def waiting(
    as_of: Annotated[
        str | None, typer.Option(help="A past instant, as 2026-10-05T09:00:00+02:00. Else now.")
    ] = None,
    group_by: Annotated[
        str, typer.Option(help="Any of kind, why, unit, pathway, municipality.")
    ] = "unit,kind,why",
    kind: Annotated[
        str | None, typer.Option(help="Only answer, first_contact or intervention.")
    ] = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """Who waits in your branch, for what and why: counted, then longest first. No patients."""
    api = ApiClient()
    given = {"as_of": as_of, "kind": kind}
    asked = {name: value for name, value in given.items() if value is not None}
    board = display.listed(api, "/waiting", limit, group_by=group_by, **asked)
    if as_json:
        show_json(board)
        return
    if not board["items"]:
        say("Nobody waits.", style="green")
        return
    units, at = display.unit_names(api), datetime.fromisoformat(board["as_of"])
    _groups(board["groups"], units, at)
    for wait in board["items"]:
        _wait(wait, board["words"], at)
    display.say_if_more(board)


def _groups(groups: list[dict[str, Any]], units: Names, at: datetime) -> None:
    by = [name for name in groups[0] if name not in ("count", "since")]
    rows = [
        (*(_group(g[name], units) for name in by), g["count"], local(g["since"]), _for(g, at))
        for g in groups
    ]
    table("Waiting", (*by, "count", "since", "for"), rows)


def _group(value: str | None, units: Names) -> str:
    return units.get(value or "") or words(value)


def _for(wait: dict[str, Any], at: datetime) -> str:
    return lasting(at - datetime.fromisoformat(wait["since"]))


def _wait(wait: dict[str, Any], said: dict[str, dict[str, Any]], at: datetime) -> None:
    """Somebody waits: how long and for what, on whom, and why just then."""
    what, why = said["kind"][wait["kind"]]["en"], said["why"][wait["why"]]["en"]
    on = wait["unit_name"] or wait["unit"]
    say(f"{_for(wait, at)}", f"{what}, from {on}", style="bold")
    say(f"since {local(wait['since'])}", wait["pathway"], indent=INDENT)
    say(f"{why} (since {local(wait['why_since'])})", indent=INDENT)
    say(f"journey {wait['journey_id']}", indent=INDENT)
    if wait["kind"] != OF_JOURNEYS:
        say(f"handover {wait['subject']}", indent=INDENT)


def gaps(
    first: Annotated[
        str | None, typer.Option("--from", help="The first day, as 2026-10-01.")
    ] = None,
    last: Annotated[str | None, typer.Option("--to", help="The last day. Else today.")] = None,
    group_by: Annotated[str, typer.Option(help="Any of from_kind, to_kind, pathway.")] = (
        "from_kind,to_kind,pathway"
    ),
    as_json: Json = False,
) -> None:
    """Where handovers from or to your branch wait, bounce or meet silence. No patients."""
    given = {"from": first, "to": last}
    asked = {name: value for name, value in given.items() if value is not None}
    report = ApiClient().get("/gaps", group_by=group_by, **asked)
    if as_json:
        show_json(report)
        return
    if not report["items"]:
        say("No handovers were sent.", f"{report['first_day']} to {report['last_day']}")
        return
    _flows(report)
    for flow in report["items"]:
        _reasons(flow)


def _flows(report: dict[str, Any]) -> None:
    by = _by(report["items"][0])
    rows = [
        (
            *(words(flow[name]) for name in by),
            *(flow[name] for name in FIGURES),
            _hours(flow["median_hours"]),
            _hours(flow["p90_hours"]),
            "few" if flow["small"] else "",
        )
        for flow in report["items"]
    ]
    columns = (*(words(name) for name in (*by, *FIGURES)), "median", "90 %", "")
    table(f"Handovers sent {report['first_day']} to {report['last_day']}", columns, rows)


def _by(flow: dict[str, Any]) -> list[str]:
    return [name for name in ("from_kind", "to_kind", "pathway") if flow[name] is not None]


def _hours(hours: float | None) -> str:
    return display.NOTHING if hours is None else f"{hours:g} h"


def _reasons(flow: dict[str, Any]) -> None:
    """Why handovers of one flow were declined or came late, if anybody said so."""
    reasons = {"declined": flow["decline_reasons"], "delayed": flow["delay_reasons"]}
    for what, counts in reasons.items():
        if counts:
            said = ", ".join(f"{words(code)} {count}" for code, count in counts.items())
            say(" → ".join(words(flow[name]) for name in _by(flow)), f"{what}: {said}")
