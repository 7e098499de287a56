"""`handslag journeys`: start them from a file, list them, show one."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from cli import display, referrals
from cli.client import ApiClient, CallFailed, console, show_json
from cli.display import Json, Limit, Names, ShowNumber, local, patient_line, say, table, words
from cli.referrals import Row

CHUNK = 20
SOME_REFUSED = 3
OUTCOMES = ("started", "already_started", "refused")
STYLES = {"waiting_for_answer": "yellow", "closed": "dim"}

app = typer.Typer(no_args_is_help=True, help="Start journeys (förlopp), list them, show one.")
Result = dict[str, Any]


@app.command()
def start(
    source: Annotated[
        Path, typer.Option("--from", metavar="FILE.csv", help="Referrals; see the columns above.")
    ],
    as_json: Json = False,
) -> None:
    """Start a journey for each referral in a CSV file.

    Columns: ref, person, name, pathway, unit, reason, initiator,
    what_matters, municipality, sex, age, overlap_reason.

    `ref` is the key of its row: a file may be run again, and what is
    started already is not started twice.

    Exit code: 0 when nothing was refused, 3 when some rows were refused,
    1 when the file cannot be read or the API does not answer.
    """
    rows = referrals.read(source)
    results: list[Result] = []
    try:
        for done in _submitted(ApiClient(), rows, quiet=as_json):
            results += done
    except CallFailed as error:
        if not results:
            raise
        _tell(results, as_json)
        answered = f"{len(results)} of {len(rows)} rows were answered"
        raise CallFailed(f"{error} {answered}; it is safe to run the file again.") from None
    _tell(results, as_json)
    if _count(results, "refused"):
        raise typer.Exit(SOME_REFUSED)


@app.command("list")
def list_journeys(
    closed: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """The journeys that your unit has started or held a part of, newest first."""
    page = display.listed(ApiClient(), "/journeys", limit, open=not closed)
    if as_json:
        show_json(page)
        return
    rows = [(j["id"], j["pathway"], local(j["started_at"]), _end(j)) for j in page["items"]]
    table("Journeys", ("id", "pathway", "started", "closed"), rows)
    if not rows:
        say("No journeys." if closed else "No open journeys.")
    display.say_if_more(page)


@app.command()
def show(journey_id: str, patient: ShowNumber = False, as_json: Json = False) -> None:
    """A journey: who holds its parts, its steps, clocks, handovers and visits.

    Times are those of Europe/Stockholm. The reading is logged.
    """
    api = ApiClient()
    journey = display.masked(api.get(f"/journeys/{quote(journey_id, safe='')}"), patient)
    if as_json:
        show_json(journey)
        return
    units = display.unit_names(api)
    _headline(journey, units)
    _parts_and_steps(journey, units)
    handovers = [h["id"] for h in journey["handovers"]]
    display.clocks(journey["clocks"], units, handovers, datetime.now(UTC))
    _handovers_and_visits(journey, units)


def _submitted(api: ApiClient, rows: Sequence[Row], *, quiet: bool) -> Iterator[list[Result]]:
    """The results chunk by chunk, while a bar on stderr shows how far it has come."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        disable=quiet,
    )
    with bar:
        task = bar.add_task("Starting", total=len(rows))
        for first in range(0, len(rows), CHUNK):
            chunk = rows[first : first + CHUNK]
            answer = api.post("/journeys/batch", {"items": [row.item for row in chunk]})
            bar.advance(task, len(chunk))
            yield [_result(chunk[item["index"]], item) for item in answer["items"]]


def _result(row: Row, answer: dict[str, Any]) -> Result:
    """What became of a row, under its line in the file instead of its place in the chunk."""
    return {"line": row.line} | {k: v for k, v in answer.items() if k != "index"}


def _tell(results: Sequence[Result], as_json: bool) -> None:
    """Every row's outcome, and how many there were of each."""
    counts = {outcome: _count(results, outcome) for outcome in OUTCOMES}
    if as_json:
        show_json({"items": results, **counts})
        return
    rows = [(r["line"], r["ref"], words(r["outcome"]), _what_came_of_it(r)) for r in results]
    table("", ("line", "ref", "outcome", "journey, or why not"), rows)
    counted = ", ".join(f"{number} {words(outcome)}" for outcome, number in counts.items())
    say(f"{counted}.", style="yellow" if counts["refused"] else "green")


def _count(results: Sequence[Result], outcome: str) -> int:
    return sum(result["outcome"] == outcome for result in results)


def _what_came_of_it(result: Result) -> str:
    """The journey's id, or the reason why there is none."""
    problem = result["problem"]
    if problem is None:
        return str(result["journey_id"])
    fields = ", ".join(f"{f['field']}: {f['rule']}" for f in problem["fields"])
    text = f"{problem['title']} / {problem['title_en']}"
    return f"{text} ({fields})" if fields else text


def _end(journey: dict[str, Any]) -> str:
    return local(journey["closed_at"]) if journey["closed_at"] else "open"


def _headline(journey: dict[str, Any], units: Names) -> None:
    """Who, on which pathway, in which state."""
    say(patient_line(journey["patient"]), journey["pathway"], style="bold")
    state = journey["state"]
    say(words(state), *_facts(journey), style=STYLES.get(state, "green"))
    by = units[journey["started_by"]]
    say(f"started {local(journey['started_at'])} by {by}")
    say(f"journey {journey['id']}")
    console.print()


def _facts(journey: dict[str, Any]) -> Iterator[str]:
    if journey["period"] > 1:
        yield f"period {journey['period']}"
    if journey["left_at"]:
        yield f"the patient left {local(journey['left_at'])}"
    if journey["closed_at"]:
        yield f"closed {local(journey['closed_at'])}: {words(journey['close_reason'])}"


def _parts_and_steps(journey: dict[str, Any], units: Names) -> None:
    parts = [(words(p["key"]), units[p["holder"]], local(p["since"])) for p in journey["parts"]]
    table("Parts", ("part", "holder", "since"), parts)
    steps = [
        (s["id"], words(s["part"]), words(s["state"]), *_between(s))
        for s in sorted(journey["steps"], key=_begun)
    ]
    table("Steps", ("step", "part", "state", "opened", "ended"), steps)


def _begun(step: dict[str, Any]) -> tuple[bool, str]:
    """Steps in the order in which they were opened, those that wait last."""
    return step["opened_at"] is None, step["opened_at"] or ""


def _between(step: dict[str, Any]) -> tuple[str, str]:
    return local(step["opened_at"]), local(step["ended_at"])


def _handovers_and_visits(journey: dict[str, Any], units: Names) -> None:
    handovers = [
        (h["id"], words(h["part"]), words(h["state"]), units[h["to_unit"]])
        for h in journey["handovers"]
    ]
    table("Handovers", ("id", "part", "state", "to"), handovers)
    visits = [
        (local(v["at"]), v["step"], f"{v['minutes']} min", words(v["place"]), _who(v))
        for v in journey["recorded_visits"]
    ]
    table("Visits", ("at", "step", "length", "place", "professions"), visits)


def _who(visit: dict[str, Any]) -> str:
    return ", ".join(visit["professions"])
