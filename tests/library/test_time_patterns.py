"""The ten process time patterns of the literature, each shown by a definition and a run.

Andreas Lanz, Barbara Weber, Manfred Reichert: "Time patterns for process-aware information
systems", Requirements Engineering 19(2), 2014, pages 113-141, doi 10.1007/s00766-012-0162-3. What a
pattern means exactly is in Andreas Lanz, Manfred Reichert, Barbara Weber: "Process time patterns: A
formal foundation", Information Systems 57, 2016, pages 38-68.

A test whose name begins with a row's name shows that row. What a row does not get stands in its
note, and in the test where it can be seen. The same table is in `docs/patterns.md`.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Literal, NamedTuple

import pytest

from domain import command as cmd
from domain import event as ev
from domain.calendar import Budget, Counting
from domain.clock import ClockKind
from domain.design.publication import Published, newest
from domain.handover import HandoverState
from domain.journey import StepState
from domain.pathway import Definition
from domain.patient import identify
from domain.refusal import Refused
from domain.rulebook import Began, Rule, Rulebook
from domain.step_definition import Source
from domain.unit import Closure, Standing
from domain.value import Labels
from tests.domain.test_begin import TEAM, case, days, defined, done, met, state_of
from tests.samples import (
    ALICE,
    BOB,
    ROOT,
    Case,
    assessment,
    calendar_days,
    day,
    follow_up,
    hours,
    intervention,
    local,
    pathway,
    plan,
    rules,
    send,
    start,
    unit,
    visit,
)

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
OPEN_WEEKDAYS = "SE0000000000-TESTRVMREHVAS"
READY = ("goals", "status")


class Row(NamedTuple):
    """A row of a published table: its name there, ours, and how far it is shown."""

    id: str
    name: str
    swedish: str
    shown: Literal["yes", "partly", "no"]
    note: str


TIME = (
    Row(
        "TP1",
        "Time Lags between two Activities",
        "tid mellan två steg",
        "partly",
        "Least: `waits: time`; sooner only with a reason, as a deviation. Most: `due`, after which "
        "people are told. Always from the end of what comes before; not from start to start.",
    ),
    Row(
        "TP2",
        "Durations",
        "hur länge ett steg får ta",
        "partly",
        "Most, of one step: `due` tells; past `limit` no visit is recorded. No least duration, and "
        "none of several steps or of a whole journey.",
    ),
    Row(
        "TP3",
        "Time Lags between Arbitrary Events",
        "tid mellan två händelser",
        "partly",
        "Most, between named events: sent, acknowledged, accepted, first contact, left the ward; "
        "and those of the rules of time (`begins`). A definition cannot name events of its own.",
    ),
    Row(
        "TP4",
        "Fixed Date Elements",
        "bestämt datum",
        "partly",
        "Earliest start: a birthday (`waits: age`). Latest end: a day that a person sets (extend). "
        "The day is the patient's; a definition holds no dates.",
    ),
    Row(
        "TP5",
        "Schedule Restricted Elements",
        "öppettider och arbetsdagar",
        "partly",
        "Time is counted along a unit's hours, days off and closures, and reminders wait for "
        "opening. Nobody is stopped from working outside them.",
    ),
    Row(
        "TP6",
        "Time-based Restrictions",
        "hur ofta något får göras",
        "partly",
        "At once: one open handover of a part. Least: `repeat`, told when missed. Most per period "
        "is said and not enforced: a visit over `visits_per_week` is recorded all the same.",
    ),
    Row(
        "TP7",
        "Validity Period",
        "giltighetstid",
        "yes",
        "Of a version (`valid_from`, retired on) and of a rule of time. What has begun goes on. A "
        "single step has none: it is a new version.",
    ),
    Row(
        "TP8",
        "Time-dependent Variability",
        "det som beror på när",
        "partly",
        "How long by the day (`rule`), who answers by the day (a standing yes until a day). "
        "A condition (`when`) sees no clock: which steps come does not depend on it.",
    ),
    Row(
        "TP9",
        "Cyclic Elements",
        "tid mellan omgångar",
        "partly",
        "Most, from one round's end to the next one's: `every`; one round may be given more time. "
        "No least: the next round is open at once.",
    ),
    Row(
        "TP10",
        "Periodicity",
        "återkommande",
        "partly",
        "So many times, or until a step ends; every so often from when the last was done. No rule "
        "such as every other Monday. Several steps together come again as a new period, when a "
        "person says so.",
    ),
)


def showing(found: Iterable[str], row: str) -> list[str]:
    """The tests that show a row, by their names."""
    return [name for name in found if name.startswith(f"test_{row.lower()}_")]


def lines(rows: Iterable[Row], found: Mapping[str, object]) -> list[str]:
    """The table as the page has it."""
    return [
        f"| {r.id} | {r.name} | {r.swedish} | {r.shown} | "
        f"{', '.join(f'`{n}`' for n in showing(found, r.id)) or '–'} | {r.note} |"
        for r in rows
    ]


def on_page(rows: Iterable[Row]) -> list[str]:
    """The lines of the page that are about a table of which these are the rows."""
    kinds = "|".join(dict.fromkeys(r.id.rstrip("0123456789") for r in rows))
    text = (ROOT / "docs" / "patterns.md").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if re.match(rf"\| ({kinds})\d+ \|", line)]


def misfits(rows: Iterable[Row], found: Mapping[str, object]) -> list[str]:
    """Rows that are shown by no test or by several, and rows without support that are shown."""
    wanted = {True: 1, False: 0}
    return [r.id for r in rows if len(showing(found, r.id)) != wanted[r.shown != "no"]]


def test_the_table_is_the_published_one_nothing_missing_and_nothing_twice() -> None:
    assert [row.id for row in TIME] == [f"TP{n}" for n in range(1, 11)]
    assert misfits(TIME, globals()) == []
    assert all(row.note for row in TIME), "what a row does not get, or why not, is said"


def test_the_page_has_the_same_table() -> None:
    assert on_page(TIME) == lines(TIME, globals())


def planned(definition: Definition, **change: Any) -> Case:
    """A journey whose plan is made."""
    journey = case(definition, **change)
    done(journey, "assessment", assessment())
    done(journey, "plan", plan(journey.now))
    return journey


def told(journey: Case, clock: str) -> list[str]:
    """The rungs on which people were told of a clock."""
    return [f.rung for f in journey.happened(ev.RungFired) if f.clock_id == clock]


def opening_hours(amount: int) -> dict[str, Any]:
    """So many hours of a unit's opening, chosen."""
    budget = {"amount": amount, "counting": "opening_hours"}
    return {"budget": budget, "source": "chosen"}


def test_tp1_a_step_begins_no_sooner_and_ends_no_later_than_so_long_after_another() -> None:
    waits = {"until": "time", "at_least": days(60)}
    journey = planned(defined(follow_up={"waits": waits, "due": days(30)}))
    done(journey, "intervention", intervention())
    ended = journey.now

    journey.wait(59 * DAY)
    sooner = journey.refusal(cmd.CompleteStep(step="follow_up", content=follow_up()), ALICE)
    before = state_of(journey.state, "follow_up")
    journey.wait(2 * DAY)
    clock = journey.clock(ClockKind.STEP, "1.follow_up")
    due_after = clock.due_at - ended
    silent = "due" not in told(journey, "step:1.follow_up")
    journey.wait_until(clock.due_at)

    assert (sooner.code, before) == ("step_deferred", StepState.WAITING)
    assert state_of(journey.state, "follow_up") is StepState.OPEN
    assert abs(due_after - 90 * DAY) <= HOUR, "a night may have an hour more"
    assert silent and "due" in told(journey, "step:1.follow_up"), "too late is told"


def test_tp2_a_step_takes_no_longer_than_its_due_and_its_limit() -> None:
    limit = {"due": days(91), "hard": True}
    journey = planned(defined(intervention={"due": days(42), "limit": limit}))
    began = journey.now

    journey.wait(43 * DAY)
    overdue = told(journey, "step:1.intervention")
    journey.do(cmd.RecordVisit(step="intervention", visit=visit(journey.now)), ALICE)
    journey.wait_until(began + 92 * DAY)
    past = journey.refusal(cmd.RecordVisit(step="intervention", visit=visit(journey.now)), ALICE)

    assert "due" in overdue
    assert past.code == "limit_reached"
    assert journey.state.visits == 1


def test_tp3_time_runs_from_one_event_of_a_handover_to_another() -> None:
    given = pathway().model_dump(mode="json") | {"key": "lags"}
    for step in given["steps"]:
        if step["key"] == "handover_rehab":
            for name, amount in (("acknowledge", 6), ("accept", 12)):
                step[name]["budget"] = {"amount": amount, "counting": "hours"}
            step["first_contact"] = days(2)
    journey = case(Definition.model_validate(given))
    journey.complete("assessment")
    journey.complete("plan")

    journey.send(step="handover_rehab")
    sent = journey.now
    accept = journey.clock(ClockKind.ACCEPTED, "h-1")
    journey.wait(13 * HOUR)
    overdue = told(journey, accept.id)
    journey.accept()
    contact = journey.clock(ClockKind.FIRST_CONTACT, "h-1")

    assert accept.due_at == sent + 12 * HOUR
    assert "due" in overdue
    assert not journey.clock(ClockKind.ACCEPTED, "h-1").running
    assert contact.due_at == journey.now + 2 * DAY, "from the yes, not from the sending"


def test_tp4_a_step_waits_for_a_birthday_and_is_due_at_the_end_of_a_day_that_was_set() -> None:
    nearly_of_age = identify("200510162381", "Testpatient 01")
    waits = {"until": "age", "age": 22, "before": days(30)}
    journey = case(defined(follow_up={"waits": waits}), patient=nearly_of_age)
    until = day("2026-12-24")
    journey.do(cmd.ExtendStep(step="assessment", until=until, reason="Bortrest."), ALICE)
    fixed = journey.clock(ClockKind.STEP, "1.assessment").due_at
    done(journey, "assessment", assessment())
    done(journey, "plan", plan(journey.now))
    done(journey, "intervention", intervention())

    journey.wait_until(local("2027-09-15T23:59"))
    before = state_of(journey.state, "follow_up")
    journey.wait_until(local("2027-09-16T00:00"))

    assert fixed == local("2026-12-25T00:00")
    assert before is StepState.WAITING
    assert state_of(journey.state, "follow_up") is StepState.OPEN


def test_tp5_time_stands_still_outside_hours_on_days_off_and_while_a_unit_is_closed() -> None:
    counted = defined(assessment={"due": opening_hours(9)})
    summer = Closure(first=day("2026-10-12"), last=day("2026-10-13"))
    friday = local("2026-10-09T16:00")

    def due(definition: Definition, now: Any, **change: Any) -> Any:
        at = unit(OPEN_WEEKDAYS, **change)
        begun = Case.of(start(OPEN_WEEKDAYS, definition, unit=at), OPEN_WEEKDAYS, now)
        return begun.clock(ClockKind.STEP, "1.assessment").due_at

    one_day = {"budget": {"amount": 1, "counting": "working_days"}, "source": "chosen"}
    found = (
        due(counted, friday),
        due(counted, friday, closures=(summer,)),
        due(defined(assessment={"due": one_day}), local("2026-12-23T12:00")),
    )

    assert found == (
        local("2026-10-12T16:00"),  # an hour on Friday, eight on Monday
        local("2026-10-14T16:00"),
        local("2026-12-28T12:00"),  # Christmas, and the weekend that follows
    )


def test_tp5s_limit_is_that_somebody_may_work_while_the_unit_is_closed() -> None:
    begun = Case.of(start(OPEN_WEEKDAYS, defined()), OPEN_WEEKDAYS, local("2026-10-11T03:00"))

    begun.do(cmd.CompleteStep(step="assessment", content=assessment()), OPEN_WEEKDAYS)

    assert state_of(begun.state, "assessment") is StepState.DONE


def test_tp6_one_handover_of_a_part_is_open_at_a_time_and_a_round_is_owed_each_week() -> None:
    weekly = TEAM | {"repeat": {"every": days(7), "until": "intervention"}}
    journey = planned(defined(weekly))
    done(journey, "team", met(*READY))
    journey.send()

    second = journey.refusal(send(OPEN_WEEKDAYS, handover_id="h-2"), ALICE)
    journey.wait(8 * DAY)

    assert second.code == "part_in_handover"
    assert "due" in told(journey, "step:1.team"), "fewer than one a week is told"


def test_tp6s_limit_is_that_a_visit_over_the_weekly_number_is_recorded_all_the_same() -> None:
    journey = planned(defined(intervention={"visits_per_week": [1, 1]}))

    for _ in range(2):
        journey.do(cmd.RecordVisit(step="intervention", visit=visit(journey.now)), ALICE)

    assert journey.state.visits == 2


def test_tp7_a_version_is_begun_within_its_validity_alone_and_what_has_begun_goes_on() -> None:
    old, new = defined(), defined().model_copy(update={"version": 2})
    versions = (
        Published(definition=old, valid_from=day("2026-10-01"), retired_on=day("2027-03-01")),
        Published(definition=new, valid_from=day("2027-01-01"), retired_on=day("2027-06-01")),
    )

    def version(text: str, name: str = old.key) -> int:
        return newest(versions, name, unit(ALICE), day(text)).definition.version

    with pytest.raises(Refused) as early:
        version("2026-09-30")
    found = [version(text) for text in ("2026-10-01", "2026-12-31", "2027-01-01")]
    kept = version("2027-02-28", old.name)
    journey = planned(newest(versions, old.key, unit(ALICE), day("2026-10-05")).definition)
    journey.wait_until(local("2027-07-01T09:00"))
    with pytest.raises(Refused) as late:
        version("2027-06-01")
    done(journey, "intervention", intervention())

    assert (early.value.refusal.code, late.value.refusal.code) == (
        "pathway_unknown",
        "pathway_retired",
    )
    assert (found, kept) == ([1, 1, 2], 1)
    assert journey.state.definition.version == 1
    assert state_of(journey.state, "follow_up") is StepState.OPEN


def test_tp8_how_long_a_step_may_take_and_who_must_answer_depend_on_the_day() -> None:
    by_rule = defined(assessment={"rule": "first_look"})
    beforehand = Standing(
        part="rehab", organisation="rvm", takes_over="now", until=day("2026-12-31")
    )

    def length(text: str) -> Budget:
        begun = Case.of(start(ALICE, by_rule, rules=_book()), ALICE, local(text))
        return begun.clock(ClockKind.STEP, "1.assessment").budget

    def answer(text: str) -> HandoverState:
        begun = Case.of(start(ALICE, defined()), ALICE, local(text))
        begun.do(send(unit(BOB, standing=(beforehand,))), ALICE)
        return begun.handover().stage

    budgets = [length(text) for text in ("2026-12-31T12:00", "2027-01-01T12:00")]
    stages = [answer(text) for text in ("2026-12-31T12:00", "2027-01-01T12:00")]

    assert budgets == [calendar_days(3), hours(24)]
    assert stages == [HandoverState.TAKEN_OVER, HandoverState.RECEIVED]


def _book() -> Rulebook:
    """The shipped rules and one that becomes stricter with the year."""
    first = Rule(
        key="first_look",
        version=1,
        label=Labels(sv="Första bedömning", en="First assessment"),
        begins=(Began.DECISION,),
        budget=calendar_days(3),
        ladder="step",
        source=Source.CHOSEN,
        valid_from=day("2026-01-01"),
    )
    later = {"version": 2, "budget": hours(24), "valid_from": day("2027-01-01")}
    both = (*rules().rules, first, first.model_copy(update=later))
    return Rulebook(version="rules-00002", rules=both)


def test_tp9_a_round_is_due_so_long_after_the_one_before_and_one_may_be_given_more_time() -> None:
    fortnightly = TEAM | {"due": days(7), "repeat": {"every": days(14), "times": 3}}
    journey = planned(defined(fortnightly))
    first = journey.clock(ClockKind.STEP, "1.team").due_at - journey.now
    done(journey, "team", met(*READY))
    second = journey.clock(ClockKind.STEP, "1.team").due_at - journey.now
    until = (journey.now + 20 * DAY).date()
    journey.do(cmd.ExtendStep(step="team", until=until, reason="Halva teamet är sjukt."), ALICE)
    longer = journey.clock(ClockKind.STEP, "1.team").due_at

    journey.wait(5 * DAY)
    done(journey, "team", met(*READY))
    third = journey.clock(ClockKind.STEP, "1.team")

    assert (first, second) == (7 * DAY, 14 * DAY)
    assert longer == local(f"{until + DAY}T00:00")
    assert abs(third.due_at - journey.now - 14 * DAY) <= HOUR
    assert third.budget == Budget(amount=14, counting=Counting.CALENDAR_DAYS)


def test_tp10_a_step_recurs_so_many_times_or_until_another_has_ended() -> None:
    counted = TEAM | {"key": "counted", "repeat": {"every": days(7), "times": 3}}
    until = TEAM | {"key": "until", "repeat": {"every": days(7), "until": "intervention"}}
    journey = planned(defined(counted, until))

    dues = []
    for _ in range(5):
        journey.wait(WEEK - DAY)
        if state_of(journey.state, "counted") is StepState.OPEN:
            done(journey, "counted", met(*READY))
        done(journey, "until", met(*READY))
        dues.append(journey.clock(ClockKind.STEP, "1.until").due_at - journey.now)
    open_still = state_of(journey.state, "until")
    done(journey, "intervention", intervention())

    rounds = [(r.step, r.round) for r in journey.happened(ev.StepRepeated)]
    assert [n for step, n in rounds if step == "1.counted"] == [2, 3]
    assert [n for step, n in rounds if step == "1.until"] == [2, 3, 4, 5, 6]
    assert all(abs(due - WEEK) <= HOUR for due in dues), "from when it was done"
    assert open_still is StepState.OPEN
    assert state_of(journey.state, "until") is StepState.DONE
