"""`handslag pathway publish` and `retire`: from a file to what new journeys go by."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from cli import display
from cli.client import ApiClient, CallFailed, show_json
from cli.display import Json, local, say, table
from cli.handovers import Key
from cli.pathway_files import FileRefused, Lang, Shelf
from cli.pathway_words import Words
from domain.clock_words import KINDS, budget_words
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
    _go_on(draft, approve, accept_gap, reason, key, Words(lang), as_json)


def retire(
    pathway: Annotated[str, typer.Argument(metavar="KEY@VERSION")],
    on: Annotated[datetime, typer.Option(formats=DAY, help="No new journey from this day.")],
    key: Key,
    lang: Lang = "sv",
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
    tell = Words(lang)
    say(tell("retired", pathway=retired["pathway"], day=retired["retired_on"]))
    say(tell("stay"))


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
    _show(api, _written(api, file, body, key, shelf.lang), Words(shelf.lang), as_json)


def _go_on(
    draft: str | None,
    approve: bool,
    accept_gap: str | None,
    reason: str | None,
    key: str,
    tell: Words,
    as_json: bool,
) -> None:
    """Say yes to a draft, accept a gap of it, or publish it."""
    must_fit(draft is not None, "either a FILE, or --draft ID")
    must_fit(not (approve and accept_gap), "--approve and --accept-gap: one at a time")
    must_fit((accept_gap is None) == (reason is None), "--accept-gap goes with --reason")
    path, api = f"{DRAFTS}/{quote(draft or '', safe='')}", Doors()
    if approve:
        _show(api, api.submit(f"{path}/approve", {}, key), tell, as_json)
    elif accept_gap is not None:
        accepted = {"gap": accept_gap, "reason": reason}
        _show(api, api.submit(f"{path}/gaps", accepted, key), tell, as_json)
    else:
        _publish(api, path, key, tell, as_json)


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


def _publish(api: Doors, path: str, key: str, tell: Words, as_json: bool) -> None:
    """Publish; or say what is missing, all of it."""
    try:
        standing = api.submit(f"{path}/publish", {}, key)
    except CallFailed as error:
        if code_of(error) not in INCOMPLETE:
            raise
        typer.echo(str(error), err=True)
        _show(api, api.get(path), tell, as_json)
        raise typer.Exit(NOT_YET) from None
    if as_json:
        show_json(standing)
        return
    draft = Draft.model_validate(standing["draft"])
    name, day = draft.definition.name, draft.valid_from
    say(tell("published", name=name), tell("from", day=day), style="bold green")
    say(f"hash {standing['hash']}")


def _show(api: Doors, standing: Standing, tell: Words, as_json: bool) -> None:
    """A draft as it stands, and what is missing."""
    if as_json:
        show_json(standing)
        return
    draft = Draft.model_validate(standing["draft"])
    day, whom = tell("from", day=draft.valid_from), _for_whom(draft.scope, tell)
    say(draft.definition.name, day, whom, style="bold")
    say(tell("draft", id=draft.id), f"hash {standing['hash']}")
    for given in draft.approvals:
        yes = tell("yes_from", principal=given.principal)
        say(yes, given.by, local(given.at.isoformat()), style="green")
    missing = _missing(draft, standing, tell)
    for line in missing:
        say(tell("missing", what=line), style="yellow")
    _gaps(api, [Gap.model_validate(found["gap"]) for found in standing["gaps"]], tell)
    if not missing and draft.published_at is None:
        command = f"handslag pathway publish --draft {draft.id}"
        say(tell("nothing_missing", command=command))


def _missing(draft: Draft, standing: Standing, tell: Words) -> list[str]:
    found = [tell("yes_of_principal", principal=principal) for principal in draft.missing]
    if not found and not draft.second_person:
        found.append(tell("yes_of_another"))
    found += [tell("trial", name=failed) for failed in standing["failed_trials"]]
    if gaps := len(standing["gaps"]):
        found.append(tell("gaps_left", count=gaps))
    return found


def _for_whom(scope: Scope, tell: Words) -> str:
    if scope.everybody:
        return tell("for_everybody")
    named = (*scope.municipalities, *scope.organisations, *scope.units)
    return tell("for", whom=", ".join(named))


def _gaps(api: Doors, gaps: list[Gap], tell: Words) -> None:
    """Each gap by its key: what was promised, by whom to whom, when nobody is reached, and why."""
    if not gaps:
        return
    units = display.unit_names(api)
    rows = [_row(gap, units, tell) for gap in gaps[:MOST_GAPS]]
    columns = [tell(name) for name in ("promise", "within", "who", "begins", "why")]
    table(tell("gaps"), ("id", *columns), rows)
    if len(gaps) > MOST_GAPS:
        say(tell("first_gaps", most=MOST_GAPS, count=len(gaps)), style="yellow")


def _row(gap: Gap, units: Mapping[str, str], tell: Words) -> tuple[str, ...]:
    promised = gap.promised
    about = ((tell.of(KINDS[a.kind]), a.step) for a in promised.about)
    last = tell("and_on") if gap.goes_on else local(gap.last.isoformat())
    return (
        gap.key,
        ", ".join(tell("of_step", promise=kind, step=step) for kind, step in about),
        tell.of(budget_words(promised.budget.amount, promised.budget.counting)),
        f"{units[promised.owner]} → {units[promised.counterpart]}",
        f"{local(gap.first.isoformat())} – {last}",
        tell.of(WHYS[gap.why]),
    )
