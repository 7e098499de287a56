"""`handslag units`: the catalogue of units, and the life of those of your own organisation."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote
from uuid import uuid4

import typer

from cli import display, unit_file
from cli.client import ApiClient, CallFailed, show_json
from cli.display import Json, Limit, Names, local, say, table, words
from cli.handovers import Key
from domain.refusal import REFUSALS, Kind
from domain.unit import Unit, UnitKind
from domain.unit_clocks import RunningClocks

SOME_REFUSED = 3
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAY = ["%Y-%m-%d"]
# What holds for a period was perhaps put by hand, and stays when a file does not mention it.
LEFT_ALONE = ("closures", "substitutes")
# What ends the whole run: nothing was decided about the unit, or nobody may decide anything.
NO_DECISION = (Kind.UNAVAILABLE, Kind.BROKEN, Kind.UNKNOWN_CALLER)

app = typer.Typer(no_args_is_help=True, help="Units (enheter): list, put, close, succeed.")
Running = Annotated[
    RunningClocks,
    typer.Option(help="What becomes of running clocks in the unit's hours (löpande klockor)."),
]
Reason = Annotated[str, typer.Option(help="Why (skäl); it stands in the unit's history.")]
Result = dict[str, Any]


class _Units(ApiClient):
    """The API, with whole facts put under a version."""

    def put(self, unit: Unit, said: unit_file.Entry, version: int | None) -> Any:
        """Put a unit; a version of None creates it. Raises `CallFailed`."""
        headers = {"Idempotency-Key": str(uuid4())}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        body = unit.model_dump(mode="json") | {"reason": said.reason}
        if said.running_clocks:
            body["running_clocks"] = said.running_clocks
        return self._call("PUT", _path(unit.hsa_id), json=body, headers=headers)


@app.command("list")
def list_units(
    kind: Annotated[UnitKind | None, typer.Option(help="Only units of this kind.")] = None,
    organisation: Annotated[str | None, typer.Option(help="Only this organisation's.")] = None,
    as_json: Json = False,
) -> None:
    """Units of every organisation: who can receive what, and where."""
    given = {"kind": kind.value} if kind else {}
    found = [
        unit
        for unit in ApiClient().get("/units", **given)
        if organisation in (None, unit["organisation"])
    ]
    if as_json:
        show_json(found)
        return
    if not found:
        say("No unit is like that.")
    columns = ("id", "name", "kind", "organisation", "state")
    rows = [
        (u["hsa_id"], u["name"], words(u["kind"]), u["organisation"], _standing(u)) for u in found
    ]
    table("Units", columns, rows)


@app.command()
def show(hsa_id: str, as_json: Json = False) -> None:
    """One unit as it stands: assignment, hours, closures, who covers, how it is reached."""
    api = ApiClient()
    unit = api.get(f"{_path(hsa_id)}/facts")
    if as_json:
        show_json(unit)
        return
    _whole(unit, display.unit_names(api))


@app.command()
def put(
    file: Annotated[Path, typer.Argument(metavar="FILE.yaml", help="One unit, or `units:`.")],
    as_json: Json = False,
) -> None:
    """Create or change units of your own organisation from a YAML file of whole facts.

    The file looks like catalogue/units.yaml; `reason` says why, `version`
    which version the facts were read at (the present one, if not given), and
    `running_clocks: recompute` that clocks in the unit's hours are counted anew.
    Closures and substitutes that the file does not mention stay as they are.
    A file may be run again: what is the same already is left alone.

    Exit code: 0 when nothing was refused, 3 when some units were refused,
    1 when the file cannot be read or the API does not answer.
    """
    entries, results = unit_file.read(file), list[Result]()
    api = _Units()
    try:
        for entry in entries:
            results.append(_put(api, entry))
    except CallFailed as error:
        _tell(results, as_json)
        answered = f"{len(results)} of {len(entries)} units were answered"
        raise CallFailed(f"{error} {answered}; it is safe to run the file again.") from None
    _tell(results, as_json)
    if any(result["outcome"] == "refused" for result in results):
        raise typer.Exit(SOME_REFUSED)


@app.command()
def close(
    hsa_id: str,
    key: Key,
    first: Annotated[datetime, typer.Option(formats=DAY, help="The first closed day.")],
    last: Annotated[datetime, typer.Option(formats=DAY, help="The last closed day.")],
    reason: Reason,
    covered_by: Annotated[
        str | None, typer.Option(metavar="HSA", help="The unit that covers meanwhile.")
    ] = None,
    running_clocks: Running = RunningClocks.KEEP,
    as_json: Json = False,
) -> None:
    """Close a unit for whole days (stängning); while it holds patients, another unit covers.

    What it has promised in its own hours stays due as it was, unless --running-clocks recompute.
    """
    body = {
        "first": first.date().isoformat(),
        "last": last.date().isoformat(),
        "covered_by": covered_by,
        "reason": reason,
        "running_clocks": running_clocks.value,
    }
    _change(f"{_path(hsa_id)}/closures", body, key, as_json)


@app.command()
def succeed(old: str, new: str, key: Key, reason: Reason, as_json: Json = False) -> None:
    """Let NEW take over all that OLD holds (efterträdare), in every journey. It is for good."""
    body = {"successor": new, "reason": reason}
    _change(f"{_path(old)}/succession", body, key, as_json)


@app.command()
def history(hsa_id: str, limit: Limit = 50, as_json: Json = False) -> None:
    """What has changed at a unit of your organisation, newest first: when, who and why."""
    page = ApiClient().get(f"{_path(hsa_id)}/history", limit=min(limit, display.PAGE))
    if as_json:
        show_json(page)
        return
    if not page["items"]:
        say("Nothing has changed since the unit was loaded.")
    columns = ("version", "at", "kind", "by", "reason", "clocks", "journeys told")
    table("Changes", columns, map(_line, page["items"]))
    display.say_if_more(page)


def _line(item: dict[str, Any]) -> tuple[object, ...]:
    """A change as a row of the history."""
    clocks = RunningClocks.RECOMPUTE if item.get("reproject") else RunningClocks.KEEP
    what = (item["version"], local(item["at"]), item["kind"], item["by_subject"], item["reason"])
    return (*what, clocks.value, local(item["told_at"]))


def _put(api: _Units, entry: unit_file.Entry) -> Result:
    """What became of one unit of the file."""
    if entry.unit is None:
        return {"unit": entry.name, "outcome": "refused", "why": entry.wrong}
    try:
        outcome, warnings = _put_one(api, entry.unit, entry)
    except CallFailed as error:
        if not _decided(error):
            raise
        return {"unit": entry.name, "outcome": "refused", "why": str(error)}
    return {"unit": entry.name, "outcome": outcome, "why": ", ".join(map(words, warnings))}


def _put_one(api: _Units, unit: Unit, entry: unit_file.Entry) -> tuple[str, list[str]]:
    now = _now(api, unit.hsa_id)
    if now is None:
        return "created", api.put(unit, entry, None)["warnings"]
    said = unit.model_fields_set
    version = unit.version if "version" in said else now.version
    kept = {name: getattr(now, name) for name in LEFT_ALONE if name not in said}
    wanted = unit.model_copy(update=kept | {"version": now.version})
    if wanted == now:
        return "unchanged", []
    return "changed", api.put(wanted, entry, version)["warnings"]


def _now(api: ApiClient, hsa_id: str) -> Unit | None:
    """The unit as it stands, or None when there is none."""
    try:
        return Unit.model_validate(api.get(f"{_path(hsa_id)}/facts"))
    except CallFailed as error:
        if _code(error) != "page_unknown":
            raise
    return None


def _change(path: str, body: dict[str, Any], key: str, as_json: bool) -> None:
    """Submit a change of one unit, and tell what came of it."""
    try:
        changed = ApiClient().post(path, body, key)
    except CallFailed as error:
        if _decided(error):
            raise
        raise CallFailed(f"{error} To repeat it safely: --key {key}") from None
    if as_json:
        show_json(changed)
        return
    unit = changed["unit"]
    say(f"{unit['name']} is at version {unit['version']}", style="bold")
    for warning in changed["warnings"]:
        say(f"look at this: {words(warning)}", style="yellow")
    _say_clocks(changed)
    say("Running journeys are told within a minute.")


def _say_clocks(changed: dict[str, Any]) -> None:
    """What becomes of the clocks that count the unit's hours."""
    clocks = changed["clocks"]
    if not clocks["count"]:
        return
    if changed["running_clocks"] == RunningClocks.KEEP:
        say(f"{clocks['count']} running clocks count these hours; each stays due as it was.")
        return
    say(f"{clocks['count']} running clocks are counted anew in these hours.")
    rows = [
        (s["ref"], words(s["kind"]), local(s["due_now"]), local(s["due_then"]))
        for s in clocks["shifts"]
    ]
    table("Clocks, longest move first", ("reference", "kind", "due now", "due then"), rows)


def _tell(results: list[Result], as_json: bool) -> None:
    if as_json:
        show_json(results)
        return
    table("Units", ("unit", "outcome", "why"), [tuple(r.values()) for r in results])


def _whole(unit: dict[str, Any], units: Names) -> None:
    say(unit["name"], words(unit["kind"]), unit["hsa_id"], style="bold")
    say(unit["organisation"], f"version {unit['version']}", _standing(unit))
    for name in ("assignment", "target_groups", "exclusions", "professions", "area"):
        value = unit[name]
        if value:
            say(f"{words(name)}: {value if isinstance(value, str) else ', '.join(value)}")
    if unit["proxy_owner"]:
        say(f"answers are recorded by {units[unit['proxy_owner']]}")
    hours = [(DAYS[h["day"]], h["opens"][:5], h["closes"][:5]) for h in unit["hours"]]
    table("Hours", ("day", "opens", "closes"), hours)
    closed = [
        (c["first"], c["last"], units[c["covered_by"]], c["reason"]) for c in unit["closures"]
    ]
    table("Closures", ("first", "last", "covered by", "reason"), closed)
    substitutes = [
        (words(s["function"]), words(s["by"]), units[s["unit"]], s["first"], s["last"])
        for s in unit["substitutes"]
    ]
    table("Substitutes", ("function", "by", "at", "first", "last"), substitutes)
    contacts = [(words(c["function"]), c["phone"], c["mail"]) for c in unit["contacts"]]
    table("Contacts", ("function", "phone", "mail"), contacts)


def _standing(unit: dict[str, Any]) -> str:
    """What a sender should know first."""
    if unit["successor"]:
        return f"succeeded by {unit['successor']}"
    return "connected" if unit["connected"] else "not connected"


def _code(error: CallFailed) -> str:
    return str(error).partition(":")[0]


def _decided(error: CallFailed) -> bool:
    """Whether it is a coded no about this very unit."""
    refusal = REFUSALS.get(_code(error))
    return refusal is not None and refusal.kind not in NO_DECISION


def _path(hsa_id: str) -> str:
    return f"/units/{quote(hsa_id, safe='')}"
