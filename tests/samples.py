"""Real units, pathways, ladders and calendar, valid content, and a journey that a test drives."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import holidays
import yaml

from domain import command as cmd
from domain.calendar import STOCKHOLM, Budget, Calendar, Counting
from domain.clock import Clock, ClockKind
from domain.content import (
    Assessment,
    CloseDecision,
    CloseReason,
    FollowUp,
    GoOn,
    Initiator,
    Intervention,
    NeedLevel,
    NewPeriod,
    Place,
    Referral,
    RestUntil,
    Visit,
)
from domain.decide import decide, pass_time
from domain.event import Event
from domain.evolve import fold
from domain.handover import Handover, Now, TakesOver
from domain.instrument import Measurement
from domain.journey import Actor, Journey, Role
from domain.ladder import Ladder, Ladders
from domain.meeting import MeetingKind, Summons
from domain.participation import Participation, Took
from domain.pathway import Definition, Purpose
from domain.patient import identify
from domain.plan import Goal, Measure, Plan
from domain.profession import Profession
from domain.refusal import Refusal
from domain.rulebook import Rule, Rulebook
from domain.rules import allowed
from domain.template import HandoverContent, LegalBasis
from domain.unit import Unit
from domain.view import Seer

ROOT = Path(__file__).resolve().parents[1]

# The cast. Alice sends, Bob receives, Charlie is in another municipality and has no part in it.
ALICE = "SE0000000000-TESTRVMSTROKE1"
BOB = "SE0000000000-TESTK1980REH"
CHARLIE = "SE0000000000-TESTK1981REH"

# Bob's colleagues in Västerås, and those who are special in some way.
BOBS_TEAM = "SE0000000000-TESTK1980IHR"
BOBS_NURSES = "SE0000000000-TESTK1980HSV"
BOBS_HOME_HELP = "SE0000000000-TESTK1980HTJ"
HEALTH_CENTRE = "SE0000000000-TESTRVMVCVAS"
UNCONNECTED = "SE0000000000-TESTK1904REH"
EXPIRED = "SE0000000000-TESTPRIVVC1"
NOBODY_HOLDS_OPERATIONS = "SE0000000000-TESTK1962REH"

MONDAY = datetime(2026, 10, 5, 9, tzinfo=STOCKHOLM)


def local(text: str) -> datetime:
    """An instant from a wall clock in Stockholm."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).astimezone(UTC)


@cache
def calendar(version: str = "2026-1") -> Calendar:
    """The days off of Sweden in the years of the tests."""
    days = holidays.country_holidays(
        "SE", years=range(2026, 2032), categories=("public", "de_facto")
    )
    return Calendar(version=version, days_off=tuple(days))


@cache
def ladders(version: int = 2) -> Ladders:
    """The shipped ladders."""
    return Ladders.model_validate(_load(ROOT / "catalogue" / "ladders" / f"v{version}.yaml"))


@cache
def rules() -> Rulebook:
    """The shipped rules of time, and no agreements."""
    files = ("lag-2017-612", "local-choices")
    listed = (_load(ROOT / "catalogue" / "rules" / f"{name}.yaml")["rules"] for name in files)
    found = tuple(Rule.model_validate(rule) for rules_of_file in listed for rule in rules_of_file)
    return Rulebook(version="rules-00001", rules=found)


def ladder(key: str) -> Ladder:
    """One of the shipped ladders."""
    return ladders().get(key)


@cache
def pathway(key: str = "stroke-rehab", version: int = 1) -> Definition:
    """A shipped pathway."""
    return Definition.model_validate(_load(ROOT / "pathways" / key / f"v{version}.yaml"))


@cache
def units() -> dict[str, Unit]:
    """Every shipped unit by HSA id."""
    listed = _load(ROOT / "catalogue" / "units.yaml")["units"]
    return {unit.hsa_id: unit for unit in map(Unit.model_validate, listed)}


def unit(hsa_id: str, **change: Any) -> Unit:
    """A shipped unit, perhaps with a difference."""
    return units()[hsa_id].model_copy(update=change)


def _load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def hours(amount: int) -> Budget:
    """A budget in hours."""
    return Budget(amount=amount, counting=Counting.HOURS)


def calendar_days(amount: int) -> Budget:
    """A budget in calendar days."""
    return Budget(amount=amount, counting=Counting.CALENDAR_DAYS)


def working_days(amount: int) -> Budget:
    """A budget in working days."""
    return Budget(amount=amount, counting=Counting.WORKING_DAYS)


TOOK_PART = Participation(patient=Took.TOOK_PART)
SCORES = (
    Measurement(instrument="nihss", score=6),
    Measurement(instrument="katz", score="C"),
    Measurement(instrument="berg", not_possible="Orkar inte stå."),
    Measurement(instrument="mrs", score=3),
)


def assessment(*, need: bool = True, **change: Any) -> Assessment:
    """An assessment that every shipped pathway takes."""
    given: dict[str, Any] = {
        "rehab_need": need,
        "need_level": NeedLevel.HIGH if need else NeedLevel.NONE,
        "participation": TOOK_PART,
        "psychosocial_support": "Bor med maka.",
        "comorbidity": "Förmaksflimmer.",
        "motivation": "Vill gå till bryggan.",
        "summary": "Högersidig svaghet, trötthet.",
        "measurements": SCORES,
    }
    return Assessment(**{**given, **change})


def plan(now: datetime, *, goals: int = 2, **change: Any) -> Plan:
    """A plan with so many goals."""
    day = now.date() + timedelta(days=42)
    goal = Goal(own_words="Gå till bryggan.", baseline="10 m", target="300 m", target_date=day)
    measure = Measure(text="Gångträning", profession=Profession.FT, frequency="3 gånger i veckan")
    given: dict[str, Any] = {
        "summary_assessment": "Behöver träning i hemmet.",
        "goals": (goal,) * goals,
        "measures": (measure,),
        "follow_up_on": day,
        "participation": TOOK_PART,
        "author_profession": Profession.AT,
    }
    return Plan(**{**given, **change})


def intervention(**change: Any) -> Intervention:
    """An intervention that reached its planned end."""
    given: dict[str, Any] = {"result": "Går 250 m.", "ended_because": "planned_end"}
    return Intervention(**{**given, **change})


def follow_up(
    then: CloseDecision | NewPeriod | RestUntil | GoOn | None = None, **change: Any
) -> FollowUp:
    """A follow-up that every shipped pathway takes."""
    given: dict[str, Any] = {
        "measurements": SCORES,
        "participation": TOOK_PART,
        "next": then or CloseDecision(reason=CloseReason.GOALS_MET),
    }
    return FollowUp(**{**given, **change})


def visit(at: datetime, **change: Any) -> Visit:
    """A home visit."""
    given: dict[str, Any] = {
        "at": at,
        "minutes": 60,
        "place": Place.HOME,
        "professions": (Profession.FT,),
    }
    return Visit(**{**given, **change})


def meeting(now: datetime, *units: str, meeting_id: str = "m-1") -> cmd.CallMeeting:
    """A summons of Alice and Bob, or of others, to a team meeting in two days."""
    called = units or (ALICE, BOB)
    return cmd.CallMeeting(
        meeting_id=meeting_id,
        summons=Summons(
            kind=MeetingKind.TEAM, starts_at=now + timedelta(days=2), mode="video", units=called
        ),
        units=tuple(unit(hsa_id) for hsa_id in called),
    )


def handover_content(**change: Any) -> HandoverContent:
    """A handover that every shipped step takes."""
    given: dict[str, Any] = {
        "what_matters": "Komma hem till hunden.",
        "patient_goals": "Gå till bryggan.",
        "reason": "Fortsatt rehabilitering i hemmet.",
        "summary_evaluation": "God återhämtning.",
        "current_function": "Går med rollator.",
        "risks": "Fallrisk.",
        "requested": "Träning i hemmet.",
        "measurements": SCORES,
        "sip": "not_needed",
        "legal_basis": LegalBasis.CONSENT,
        "consent_ref": "S-1",
    }
    return HandoverContent(**{**given, **change})


def envelope(
    command: cmd.Command,
    by: str,
    roles: Iterable[Role] = (Role.COORDINATOR,),
    **change: Any,
) -> cmd.Envelope:
    """A command on its way from a unit."""
    given: dict[str, Any] = {
        "command": command,
        "actor": Actor(subject="u-1", unit=by, roles=tuple(roles)),
        "idempotency": cmd.Idempotency(principal="u-1", key="k-1", body_hash="h-1"),
        "correlation_id": "c-1",
        "calendar_version": calendar().version,
        "rules_version": rules().version,
    }
    return cmd.Envelope(**{**given, **change})


def start(by: str = ALICE, definition: Definition | None = None, **change: Any) -> cmd.Start:
    """The start of a journey at a unit."""
    given: dict[str, Any] = {
        "journey_id": "j-1",
        "patient_id": "p-1",
        "patient": identify("194408139089", "Testpatient 01"),
        "definition": definition or pathway(),
        "calendar": calendar(),
        "ladders": ladders(),
        "rules": rules(),
        "unit": unit(by),
        "referral": Referral(reason="Stroke, höger sida.", initiator=Initiator.HOSPITAL),
    }
    return cmd.Start(**{**given, **change})


_Happened = TypeVar("_Happened")


class Case:
    """A journey in the hands of a test: each command at `now`, which moves only by waiting."""

    def __init__(self, by: str = ALICE, key: str = "stroke-rehab", now: datetime = MONDAY) -> None:
        self.now = now.astimezone(UTC)
        self.log: list[Event] = []
        self._state: Journey | None = None
        self.do(start(by, pathway(key)), by)

    @classmethod
    def of(cls, begin: cmd.Start, by: str, now: datetime = MONDAY) -> "Case":
        """A journey that began in another way."""
        case = cls.__new__(cls)
        case.now, case.log, case._state = now.astimezone(UTC), [], None
        case.do(begin, by)
        return case

    @property
    def state(self) -> Journey:
        """What the journey looks like now."""
        assert self._state is not None
        return self._state

    def adopt_state(self, **change: Any) -> None:
        """What the journey could only be by another start, put there by hand."""
        self._state = self.state.model_copy(update=change)

    def do(self, command: cmd.Command, by: str, **change: Any) -> tuple[Event, ...]:
        """What came of a command that must be taken."""
        decided = decide(self._state, envelope(command, by, **change), self.now)
        assert not isinstance(decided, Refusal), decided
        return self._adopt(decided)

    def refusal(self, command: cmd.Command, by: str, **change: Any) -> Refusal:
        """The coded no to a command that must be refused."""
        decided = decide(self._state, envelope(command, by, **change), self.now)
        assert isinstance(decided, Refusal), decided
        return decided

    def wait(self, span: timedelta) -> tuple[Event, ...]:
        """What happened by itself when time passed without anybody looking."""
        return self.wait_until(self.now + span)

    def wait_until(self, instant: datetime) -> tuple[Event, ...]:
        """As `wait`, until an instant."""
        self.now = instant.astimezone(UTC)
        return self._adopt(pass_time(self.state, self.now))

    def _adopt(self, events: tuple[Event, ...]) -> tuple[Event, ...]:
        self._state = fold(events, self._state)
        self.log += events
        return events

    def happened(self, kind: type[_Happened]) -> list[_Happened]:
        """Everything of one kind that ever happened."""
        return things(self.log, kind)

    def clock(self, kind: ClockKind, subject: str) -> Clock:
        """A clock that was started."""
        found = self.state.clock(kind, subject)
        assert found is not None
        return found

    def handover(self, handover_id: str = "h-1") -> Handover:
        """A handover that was sent."""
        return self.state.handovers[handover_id]

    def complete(self, step: str, by: str = ALICE) -> tuple[Event, ...]:
        """Complete a step with content that fits."""
        kind = step.split("_")[0]
        contents = {
            "assessment": assessment(),
            "plan": plan(self.now),
            "intervention": intervention(),
            "follow": follow_up(),
        }
        return self.do(cmd.CompleteStep(step=step, content=contents[kind]), by)

    def send(
        self,
        to: str = BOB,
        part: str = "rehab",
        purpose: Purpose = Purpose.TAKE_PART,
        by: str = ALICE,
        handover_id: str = "h-1",
        step: str | None = None,
        **content: Any,
    ) -> tuple[Event, ...]:
        """Send a handover."""
        return self.do(send(to, part, purpose, handover_id, step, **content), by)

    def accept(
        self, takes_over: TakesOver | None = None, by: str = BOB, handover_id: str = "h-1"
    ) -> tuple[Event, ...]:
        """Accept a handover, at once if nothing else is said."""
        return self.do(cmd.Accept(handover_id=handover_id, takes_over=takes_over or Now()), by)


def send(
    to: str | Unit = BOB,
    part: str = "rehab",
    purpose: Purpose = Purpose.TAKE_PART,
    handover_id: str = "h-1",
    step: str | None = None,
    **content: Any,
) -> cmd.Send:
    """A handover to a unit, with who calls on its behalf."""
    receiver = unit(to) if isinstance(to, str) else to
    return cmd.Send(
        handover_id=handover_id,
        part=part,
        purpose=purpose,
        step=step,
        to=receiver,
        content=handover_content(**content),
        stand_ins=(unit(receiver.proxy_owner),) if receiver.proxy_owner else (),
    )


def things(events: Iterable[Event], kind: type[_Happened]) -> list[_Happened]:
    """What happened of one kind, in order."""
    return [event.what for event in events if isinstance(event.what, kind)]


def day(text: str) -> date:
    """A date."""
    return date.fromisoformat(text)


def offered(handover: Handover, unit: str) -> tuple[str, ...]:
    """What a unit may do with a handover, as its view says."""
    return tuple(allowed.actions(Seer(unit=unit).scene(handover)))
