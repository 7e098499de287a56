"""A pathway played out with made-up people: the pure core, a calendar, and what actors do.

The same commands meet the same rules as in the real engine; time passes as it does there. Nothing
leaves the system. A year takes a moment.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date
from typing import Literal, NamedTuple

from domain import command as cmd
from domain.calendar import DAY, Calendar
from domain.content import Figures, FollowUp, Referral
from domain.decide import decide, next_moment, pass_time
from domain.design.case import Case
from domain.design.duties import Duty, Stage, duties
from domain.event import Event
from domain.evolve import fold
from domain.journey import Actor, Journey, Role
from domain.ladder import Ladders
from domain.part import COORDINATION
from domain.pathway import Definition
from domain.patient import IdentifierSystem, Patient
from domain.refusal import Refusal
from domain.rulebook import Rulebook
from domain.rules.receiver import may_hold
from domain.unit import Unit
from domain.value import HsaId, Instant, Value

MOST_MOVES = 5_000
ROLES = (Role.COORDINATOR, Role.CLINICIAN, Role.UNIT_MANAGER)
NOBODY = "simulation"


class World(NamedTuple):
    """What a pathway is played in: units, days off, ladders and rules as they are published."""

    units: Mapping[HsaId, Unit]
    calendar: Calendar
    ladders: Ladders
    rules: Rulebook | None = None


class Move(Value):
    """What somebody did, and the code of the no that it met, if it did."""

    at: Instant
    by: HsaId
    command: cmd.Command
    refused: str | None = None


class Simulation(NamedTuple):
    """What happened: every move, every event, and how it ended.

    `stands_still` says that nobody is going to do anything and no clock runs; that is never right.
    """

    moves: tuple[Move, ...]
    log: tuple[Event, ...]
    state: Journey
    ended: Literal["closed", "time_up", "stands_still"]
    units: Mapping[HsaId, Unit]


class NobodyCanStart(Exception):
    """No unit of this world may hold every part that a pathway has from its start."""


def simulate(
    definition: Definition, world: World, case: Case, *, reminders: bool = True
) -> Simulation:
    """Play a case. Raises `NobodyCanStart`; anything else that is wrong stands in the moves.

    Without `reminders` it is over once nothing else is left to come.
    """
    play = _Play(definition, world, case)
    play.begin()
    while play.goes_on(reminders):
        pass
    return play.result()


class _Play:
    """One run: the state so far, and what has been done."""

    def __init__(self, definition: Definition, world: World, case: Case) -> None:
        self.case = case
        self.units = _shut(world.units, case)
        self.world = world._replace(units=self.units)
        self.definition = definition
        self.now = case.starts_at.astimezone(UTC)
        self.end = self.now + case.days * DAY
        self.moves = list[Move]()
        self.log = list[Event]()
        self.done = set[str]()
        self.made = dict[tuple[object, ...], Sequence[Duty]]()
        self.sent = 0
        self.decided = 0
        self._state: Journey | None = None
        self._ended: Literal["closed", "time_up", "stands_still"] | None = None

    @property
    def state(self) -> Journey:
        """The journey now."""
        assert self._state is not None
        return self._state

    def begin(self) -> None:
        """The referral."""
        unit = starter(self.definition, self.units, self.case)
        start = cmd.Start(
            journey_id=NOBODY,
            patient_id=NOBODY,
            patient=patient(self.case, self.now.date()),
            definition=self.definition,
            calendar=self.world.calendar,
            ladders=self.world.ladders,
            rules=self.world.rules,
            unit=unit,
            referral=Referral(
                reason=self.case.reason,
                initiator=self.case.initiator,
                figures=Figures(age=self.case.age, municipality=self.case.municipality),
            ),
        )
        refused = self.do(Duty(self.now, "start", unit.hsa_id, start))
        if refused is not None:
            raise NobodyCanStart(refused)

    def goes_on(self, reminders: bool) -> bool:
        """Do what comes next: a moment of the clocks, or somebody's duty."""
        if not self.state.open:
            self._ended = "closed"
            return False
        duty, moment = self._next_duty(), next_moment(self.state)
        if duty is None and moment is None:
            self._ended = "stands_still"
            return False
        at = min(t for t in (moment, duty.at if duty else None) if t is not None)
        only_reminds = duty is None and all(c.due_at < at for c in self.state.running())
        over = only_reminds and not reminders
        if over or at > self.end or len(self.moves) > MOST_MOVES:
            self._ended = "time_up"
            return False
        if moment is not None and (duty is None or moment <= duty.at):
            self.now = max(moment, self.now)
            self.adopt(pass_time(self.state, self.now))
        elif duty is not None:
            self.now = max(duty.at, self.now)
            self.do(duty)
        return True

    def _next_duty(self) -> Duty | None:
        calendar, made = self.world.calendar, self.made
        stage = Stage(self.case, self.units, calendar, self.decided, self.sent, made)
        left = (d for d in duties(self.state, stage) if d.key not in self.done)
        return min(left, key=lambda d: (max(d.at, self.now), d.key), default=None)

    def do(self, duty: Duty) -> str | None:
        """Try it once; a no is written down, and the play goes on."""
        self.done.add(duty.key)
        decided = decide(self._state, envelope(duty, self.world, len(self.moves)), self.now)
        code = decided.code if isinstance(decided, Refusal) else None
        at = self.now
        self.moves.append(Move(at=at, by=duty.by, command=duty.command, refused=code))
        if isinstance(decided, Refusal):
            return code
        self.sent += isinstance(duty.command, cmd.Send)
        done = duty.command.content if isinstance(duty.command, cmd.CompleteStep) else None
        self.decided += isinstance(done, FollowUp)
        self.adopt(decided)
        return None

    def adopt(self, events: tuple[Event, ...]) -> None:
        """Take over what happened."""
        self._state = fold(events, self._state)
        self.log += events

    def result(self) -> Simulation:
        """What came of it."""
        assert self._ended is not None
        return Simulation(tuple(self.moves), tuple(self.log), self.state, self._ended, self.units)


def envelope(duty: Duty, world: World, number: int) -> cmd.Envelope:
    """A command on its way, with keys that say which one it was."""
    name = f"{NOBODY}-{number}"
    return cmd.Envelope(
        command=duty.command,
        actor=Actor(subject=NOBODY, unit=duty.by, roles=ROLES),
        idempotency=cmd.Idempotency(principal=NOBODY, key=name, body_hash=name),
        correlation_id=name,
        calendar_version=world.calendar.version,
        rules_version=world.rules.version if world.rules else None,
        rules=world.rules,
    )


def patient(case: Case, today: date) -> Patient:
    """Somebody who does not exist: no birth has the number 000."""
    years = case.age if case.age is not None else 70
    born = case.born or date(today.year - years, 1, 1)
    number = f"{born:%Y%m%d}0000"
    return Patient(system=IdentifierSystem.PERSONNUMMER, value=number, name="Testpatient 01")


def starter(definition: Definition, units: Mapping[HsaId, Unit], case: Case) -> Unit:
    """Where the case begins: the unit that it names, else the first that may hold every part."""
    if case.unit is not None:
        if case.unit not in units:
            raise NobodyCanStart("unit_unknown")
        return units[case.unit]
    able = [u for u in units.values() if can_start(definition, u)]
    here = [u for u in able if case.municipality in (u.municipality, *u.area)]
    if not able:
        raise NobodyCanStart("receiver_kind_mismatch")
    kinds = _preferred(definition)
    return min(here or able, key=lambda u: kinds.index(u.kind) if u.kind in kinds else len(kinds))


def _preferred(definition: Definition) -> list[str]:
    """Kinds in the order in which the first part names them."""
    return [str(k) for p in definition.parts if p.from_start for k in p.held_by]


def can_start(definition: Definition, unit: Unit) -> bool:
    """Whether a unit may hold every part that exists from the start."""
    begun = [p.key for p in definition.parts if p.from_start]
    return unit.successor is None and all(
        may_hold(definition, unit, part) for part in (COORDINATION, *begun)
    )


def _shut(units: Mapping[HsaId, Unit], case: Case) -> dict[HsaId, Unit]:
    """The units with the closures of the case."""
    found = dict(units)
    for shut in case.shut:
        for key, unit in found.items():
            if shut.unit not in (None, key) or (shut.kind and unit.kind is not shut.kind):
                continue
            closures = (*unit.closures, shut.closure)
            found[key] = unit.model_copy(update={"closures": closures})
    return found
