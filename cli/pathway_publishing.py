"""`handslag pathway publish` and `retire`: from a file to what new journeys go by."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from cli import display
from cli.client import ApiClient, CallFailed, show_json
from cli.display import Json, local, say, table, words
from cli.handovers import Key
from cli.pathway_files import FileRefused, Lang, Shelf
from domain.clock_words import budget_words
from domain.design.coverage import Gap
from domain.design.coverage_page import WHYS
from domain.design.problem import Problem, format_problems
from domain.design.publication import Draft, Scope
from domain.refusal import REFUSALS, Kind

NOT_YET = 3
DAY = ["%Y-%m-%d"]
DRAFTS = "/pathways/drafts"
# A proof of coverage goes through every minute of a year, and is made at each of these doors.
SECONDS_OF_PROOF = 300.0
MOST_GAPS = 50
# What says that something is missing, and what is then shown.
INCOMPLETE = ("approval_missing", "trial_fails", "coverage_gap")
# After these nobody knows whether it was done.
NO_DECISION = (Kind.UNAVAILABLE, Kind.BROKEN, Kind.UNKNOWN_CALLER)

Standing = dict[str, Any]
File = Annotated[Path | None, typer.Argument(metavar="FILE", help="What is to be published.")]
From = Annotated[
    datetime | None,
    typer.Option("--from", formats=DAY, help="New journeys go by it from this day (från)."),
]
Municipality = Annotated[
    list[str] | None, typer.Option(metavar="CODE", help="Only for it (kommun). Repeatable.")
]
OfUnit = Annotated[
    list[str] | None, typer.Option(metavar="HSA", help="Only for it (enhet). Repeatable.")
]
Organisation = Annotated[
    list[str] | None, typer.Option(metavar="KEY", help="Only for it. Repeatable.")
]
Trials = Annotated[
    list[Path] | None,
    typer.Option(metavar="FILE", help="What must come out as it was kept (prov). Repeatable."),
]
DraftId = Annotated[str | None, typer.Option(metavar="ID", help="Go on with a draft (utkast).")]
Approve = Annotated[
    bool, typer.Option("--approve", help="Say yes for your own principal (godkänn).")
]
AcceptGap = Annotated[
    str | None,
    typer.Option(metavar="KEY", help="Take responsibility for a gap of coverage (lucka)."),
]
Reason = Annotated[str | None, typer.Option(help="Why the gap is accepted (skäl).")]


class Doors(ApiClient):
    """The API, with patience enough for a proof of coverage."""

    def __init__(self) -> None:
        super().__init__()
        self._http.timeout = SECONDS_OF_PROOF

    def submit(self, path: str, body: Any, key: str) -> Any:
        """Submit a command; when nobody knows what came of it, say how to repeat it safely."""
        try:
            return self.post(path, body, key)
        except CallFailed as error:
            refusal = REFUSALS.get(code_of(error))
            if refusal is not None and refusal.kind not in NO_DECISION:
                raise
            raise CallFailed(f"{error} To repeat it safely: --key {key}") from None


def publish(
    key: Key,
    file: File = None,
    valid_from: From = None,
    municipality: Municipality = None,
    unit: OfUnit = None,
    organisation: Organisation = None,
    trial: Trials = None,
    draft: DraftId = None,
    approve: Approve = False,
    accept_gap: AcceptGap = None,
    reason: Reason = None,
    lang: Lang = "sv",
    as_json: Json = False,
) -> None:
    """Publish (publicera): a file becomes a draft, others say yes, then it holds, for good.

    FILE --from DAY makes a draft and says what is missing. --draft ID --approve says yes, as
    somebody else than the author. --draft ID --accept-gap KEY --reason TEXT takes responsibility
    for a gap. --draft ID publishes when nothing is missing.

    Exit code: 0 when it was done, 3 when --draft ID could not publish as something is missing,
    1 when it was refused or the API does not answer.
    """
    scope = {
        "units": unit or [],
        "organisations": organisation or [],
        "municipalities": municipality or [],
    }
    if file is not None:
        of_draft = draft or approve or accept_gap or reason
        must_fit(not of_draft, "either a FILE, or --draft ID and what goes with it")
        _draft(Shelf(lang), file, valid_from, scope, trial or [], key, as_json)
        return
    named = any((valid_from, trial, *scope.values()))
    must_fit(not named, "a draft has its day, scope and trials already; make another")
    _go_on(draft, approve, accept_gap, reason, key, as_json)


def retire(
    pathway: Annotated[str, typer.Argument(metavar="KEY@VERSION")],
    on: Annotated[datetime, typer.Option(formats=DAY, help="No new journey from this day.")],
    key: Key,
    as_json: Json = False,
) -> None:
    """Retire a version (avveckla): no new journey goes by it from a day on; running ones stay.

    Exit code: 0 when it was done, 1 when it was refused or the API does not answer.
    """
    path = "/".join(quote(part, safe="") for part in split(pathway))
    body = {"on": on.date().isoformat()}
    retired = Doors().submit(f"/pathways/{path}/retire", body, key)
    if as_json:
        show_json(retired)
        return
    say(f"{retired['pathway']} takes no new journeys from {retired['retired_on']}")
    say("Running journeys stay on it.")


def split(name: str) -> tuple[str, str]:
    """Key and version of a name. Raises `BadParameter`."""
    key, _, version = name.partition("@")
    if not key or not version.isdecimal():
        raise typer.BadParameter(f"{name} is not KEY@VERSION, such as stroke-rehab@1")
    return key, version


def code_of(error: CallFailed) -> str:
    """The code of a no."""
    return str(error).partition(":")[0]


def must_fit(fits: bool, else_: str) -> None:
    """Refuse options that do not go together. Raises `BadParameter`."""
    if not fits:
        raise typer.BadParameter(else_)


def _draft(
    shelf: Shelf,
    file: Path,
    valid_from: datetime | None,
    scope: dict[str, list[str]],
    trials: list[Path],
    key: str,
    as_json: bool,
) -> None:
    """Make a draft of a file."""
    if valid_from is None:
        raise typer.BadParameter("FILE goes with --from DAY")
    body = {
        "text": shelf.text(file),
        "valid_from": valid_from.date().isoformat(),
        "scope": scope,
        "trials": [shelf.trial(path).model_dump(mode="json") for path in trials],
    }
    api = Doors()
    _show(api, _written(api, file, body, key, shelf.lang), as_json)


def _go_on(
    draft: str | None,
    approve: bool,
    accept_gap: str | None,
    reason: str | None,
    key: str,
    as_json: bool,
) -> None:
    """Say yes to a draft, accept a gap of it, or publish it."""
    must_fit(draft is not None, "either a FILE, or --draft ID")
    must_fit(not (approve and accept_gap), "--approve and --accept-gap: one at a time")
    must_fit((accept_gap is None) == (reason is None), "--accept-gap goes with --reason")
    path, api = f"{DRAFTS}/{quote(draft or '', safe='')}", Doors()
    if approve:
        _show(api, api.submit(f"{path}/approve", {}, key), as_json)
    elif accept_gap is not None:
        accepted = {"gap": accept_gap, "reason": reason}
        _show(api, api.submit(f"{path}/gaps", accepted, key), as_json)
    else:
        _publish(api, path, key, as_json)


def _written(api: Doors, file: Path, body: dict[str, Any], key: str, lang: Lang) -> Standing:
    """The draft; a file that is faulty there is told with its lines, as `check` does."""
    try:
        standing: Standing = api.submit(DRAFTS, body, key)
    except CallFailed as error:
        if code_of(error) != "definition_invalid":
            raise
        judged = api.post("/pathways/validate", {"text": body["text"]})
        problems = [Problem.model_validate(p) for p in judged["problems"]]
        raise FileRefused(format_problems(str(file), problems, lang) or str(error)) from None
    return standing


def _publish(api: Doors, path: str, key: str, as_json: bool) -> None:
    """Publish; or say what is missing, all of it."""
    try:
        standing = api.submit(f"{path}/publish", {}, key)
    except CallFailed as error:
        if code_of(error) not in INCOMPLETE:
            raise
        typer.echo(str(error), err=True)
        _show(api, api.get(path), as_json)
        raise typer.Exit(NOT_YET) from None
    if as_json:
        show_json(standing)
        return
    draft = Draft.model_validate(standing["draft"])
    say(f"{draft.definition.name} is published", f"from {draft.valid_from}", style="bold green")
    say(f"hash {standing['hash']}")


def _show(api: Doors, standing: Standing, as_json: bool) -> None:
    """A draft as it stands, and what is missing."""
    if as_json:
        show_json(standing)
        return
    draft = Draft.model_validate(standing["draft"])
    say(draft.definition.name, f"from {draft.valid_from}", _for_whom(draft.scope), style="bold")
    say(f"draft {draft.id}", f"hash {standing['hash']}")
    for given in draft.approvals:
        say(f"yes from {given.principal}", given.by, local(given.at.isoformat()), style="green")
    missing = list(_missing(draft, standing))
    for line in missing:
        say(f"missing: {line}", style="yellow")
    _gaps(api, [Gap.model_validate(found["gap"]) for found in standing["gaps"]])
    if not missing and draft.published_at is None:
        say(f"Nothing is missing. handslag pathway publish --draft {draft.id}")


def _missing(draft: Draft, standing: Standing) -> list[str]:
    found = [f"a yes from principal {principal}" for principal in draft.missing]
    if not found and not draft.second_person:
        found.append("a yes from somebody else than the author")
    found += [f"trial {failed}" for failed in standing["failed_trials"]]
    if gaps := len(standing["gaps"]):
        found.append(f"{gaps} gaps of coverage: fix them, or --accept-gap KEY --reason TEXT")
    return found


def _for_whom(scope: Scope) -> str:
    if scope.everybody:
        return "for everybody"
    return "for " + ", ".join((*scope.municipalities, *scope.organisations, *scope.units))


def _gaps(api: Doors, gaps: list[Gap]) -> None:
    """Each gap by its key: what was promised, by whom to whom, when nobody is reached, and why."""
    if not gaps:
        return
    units = display.unit_names(api)
    rows = [
        (
            gap.key,
            ", ".join(f"{words(a.kind)} of {a.step}" for a in gap.promised.about),
            budget_words(gap.promised.budget.amount, gap.promised.budget.counting).en,
            f"{units[gap.promised.owner]} → {units[gap.promised.counterpart]}",
            f"{local(gap.first.isoformat())} – {_last(gap)}",
            WHYS[gap.why].en,
        )
        for gap in gaps[:MOST_GAPS]
    ]
    columns = ("id", "promise", "within", "who owes whom", "what begins", "why nobody is reached")
    table("Gaps of coverage", columns, rows)
    if len(gaps) > MOST_GAPS:
        say(f"The first {MOST_GAPS} of {len(gaps)}; all of them: --json", style="yellow")


def _last(gap: Gap) -> str:
    return "and on" if gap.goes_on else local(gap.last.isoformat())
