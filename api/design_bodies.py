"""Bodies of what a designer submits: files, cases, drafts, approvals, migrations."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from api.bodies import example
from domain.command import Choices
from domain.design.case import Case
from domain.design.publication import Scope
from domain.design.trial import Trial
from domain.value import Key, LongText, ShortText, Value

FileText = Annotated[str, Field(min_length=1, max_length=1_000_000)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}@[1-9]\d{0,4}$")]


class FileBody(Value):
    """A pathway or an addition, as its file has it."""

    model_config = example({"text": "language: 1\nextends: stroke-rehab@1\n…"})
    text: FileText


class DiffBody(Value):
    """Two published versions; or a published one and a file."""

    model_config = example({"old": "stroke-rehab@1", "new": "stroke-rehab@2"})
    old: Name
    new: Name | None = None
    text: FileText | None = None


class SimulateBody(Value):
    """A file or a published version, and a case; an empty one plays the pathway to its end."""

    model_config = example({"pathway": "stroke-rehab@1", "case": {"age": 81}})
    pathway: Name | None = None
    text: FileText | None = None
    case: Case = Case()
    save_as: ShortText | None = None


class DraftBody(Value):
    """A file to be published: from when, for whom, and what must be true of it still."""

    model_config = example(
        {
            "text": "language: 1\nextends: stroke-rehab@1\n…",
            "valid_from": "2027-01-01",
            "scope": {"municipalities": ["1980"]},
        }
    )
    text: FileText
    valid_from: date
    scope: Scope = Scope()
    trials: Annotated[tuple[Trial, ...], Field(max_length=50)] = ()


class ApprovalBody(Value):
    """For which principal the yes is given; without it the caller's own."""

    model_config = example({"principal": "k1980"})
    principal: Key | None = None


class GapBody(Value):
    """A gap of coverage that a named person takes responsibility for, and why."""

    model_config = example({"gap": "3f2a…", "reason": "Jourtelefon hos kommunen."})
    gap: ShortText
    reason: LongText


class RetireBody(Value):
    """No new journey from this day."""

    model_config = example({"on": "2027-06-30"})
    on: date


class MigrationBody(Value):
    """Which running versions go over to which; nothing is done before somebody says so."""

    model_config = example(
        {
            "to": "stroke-rehab@2",
            "from_versions": ["stroke-rehab@1"],
            "choices": {"recompute": ["step:plan"], "late_steps": {"home_visit": "at_migration"}},
        }
    )
    to: Name
    from_versions: Annotated[tuple[Name, ...], Field(max_length=50)] = ()
    choices: Choices = Choices()


class GoOnBody(Value):
    """What a migration is to do next; for `move` perhaps only some of the journeys."""

    model_config = example({"to": "move"})
    to: Literal["move", "pause", "resume", "undo", "abandon"]
    journeys: Annotated[tuple[ShortText, ...], Field(max_length=10_000)] | None = None
