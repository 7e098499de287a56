"""Distributions as they were: how long recorded journeys took to be answered, and step by step."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from domain.calendar import HOUR
from domain.design.case import Case, Who
from domain.design.chance_log import Asked, Reading, Round
from domain.design.chance_times import MOST_RECORDED, Answering, Chances, Doing, Recorded, Times
from domain.event import Event, JourneyStarted
from domain.pathway import HandoverStep
from domain.unit import UnitKind
from domain.value import Key


def from_recorded(
    logs: Iterable[Sequence[Event]], case: Case | None = None, runs: int = 200
) -> Chances:
    """Answers by step and kind of receiver, then by kind alone; and how long each step took.

    Whoever had not answered when it was due, nor later, counts as never answering. What was not
    due yet says nothing.
    """
    answers = dict[tuple[Key | None, UnitKind], _Seen]()
    steps = dict[Key, _Seen]()
    for log in logs:
        reading = Reading(log)
        for asked in reading.asked.values():
            _add_answer(asked, answers)
        _add_steps(reading, log, steps)
    return Chances(
        answers=tuple(_answers(answers)),
        steps=tuple(
            Doing(step=key, times=times)
            for key, seen in sorted(steps.items())
            if (times := seen.times())
        ),
        runs=runs,
        case=case or Case(),
    )


class _Seen:
    """What was recorded of one kind of receiver, or of one step."""

    def __init__(self) -> None:
        self.hours = list[int]()
        self.declined = 0
        self.silent = 0

    def add(self, begun: datetime, ended: datetime | None, late: bool) -> None:
        """One more; of who neither has answered nor is late, nothing is known."""
        if ended is not None:
            self.hours.append(round(max(ended - begun, timedelta()) / HOUR))
        elif late:
            self.silent += 1

    def times(self) -> Times | None:
        """The distribution; None where nothing is known."""
        of = len(self.hours) + self.silent
        if not of:
            return None
        takes = Recorded(hours=thinned(sorted(self.hours))) if self.hours else None
        return Times(takes=takes, never=self.silent / of, declines=self.declined / of)


def thinned(ordered: Sequence[int]) -> tuple[int, ...]:
    """No more than a distribution may have; every so many of them, so that its shape stays."""
    most = min(len(ordered), MOST_RECORDED)
    return tuple(ordered[place * len(ordered) // most] for place in range(most))


def _add_answer(asked: Asked, answers: dict[tuple[Key | None, UnitKind], _Seen]) -> None:
    for key in dict.fromkeys(((asked.step, asked.kind), (None, asked.kind))):
        seen = answers.setdefault(key, _Seen())
        seen.add(asked.sent_at, asked.answered_at, asked.late)
        seen.declined += asked.declined


def _add_steps(reading: Reading, log: Sequence[Event], steps: dict[Key, _Seen]) -> None:
    started = log[0].what
    assert isinstance(started, JourneyStarted), "a log begins with the start"
    for one in reading.rounds:
        definition = started.definition.step(one.key)
        if definition is None or definition.kind == "referral" or one.opened_at is None:
            continue
        handed = isinstance(definition, HandoverStep)
        done = reading.sent_at(one) if handed else one.done_at
        steps.setdefault(one.key, _Seen()).add(one.opened_at, done, _never(one))


def _never(one: Round) -> bool:
    """Late, and not done."""
    return one.late and one.done_at is None


def _answers(answers: dict[tuple[Key | None, UnitKind], _Seen]) -> Iterable[Answering]:
    """What is known of a step goes before what is known of a kind."""
    for step, kind in sorted(answers, key=lambda k: (k[0] is None, k[0] or "", k[1])):
        times = answers[step, kind].times()
        if times is not None:
            yield Answering(who=Who(step=step, kind=kind), times=times)
