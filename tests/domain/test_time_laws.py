"""What holds of clocks whatever people do: driven through pauses, answers, redirects, waiting."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from domain import command as cmd
from domain import event as ev
from domain.calendar import STOCKHOLM, Budget, Counting, elapsed
from domain.clock import Clock, ClockKind
from domain.decide import decide
from domain.event import Event
from domain.explanation import explanations
from domain.handover import DeclineReason, Now
from domain.pathway import Deadline, Definition, Source
from domain.refusal import Refusal
from tests.domain.golden import changed_from, minutes
from tests.samples import (
    ALICE,
    BOB,
    BOBS_NURSES,
    BOBS_TEAM,
    Case,
    day,
    envelope,
    local,
    pathway,
    start,
    things,
    unit,
)

ANSWER = "accepted:h-1"
BUDGETS = {
    Counting.HOURS: 24,
    Counting.CALENDAR_DAYS: 3,
    Counting.WORKING_DAYS: 2,
    Counting.OPENING_HOURS: 18,
}
Move = Callable[[Case], tuple[cmd.Command, str]]


def receiver(case: Case) -> str:
    """Who is asked now."""
    return case.handover().to_unit


def redirect_to(hsa_id: str) -> Move:
    """Passing on."""
    return lambda case: (
        cmd.Redirect(handover_id="h-1", to=unit(hsa_id), reason="Fel team"),
        receiver(case),
    )


def snoozed(case: Case) -> tuple[cmd.Command, str]:
    """The receiver hears nothing for a day."""
    until = case.now + timedelta(days=1)
    return cmd.SnoozeClock(clock_id=ANSWER, until=until, reason="Väntar"), receiver(case)


MOVES: dict[str, Move] = {
    "ask": lambda case: (cmd.Ask(handover_id="h-1", question="Hur bor hen?"), receiver(case)),
    "answer": lambda _: (cmd.Answer(handover_id="h-1", answer="I hus."), ALICE),
    "propose": lambda case: (
        cmd.Propose(handover_id="h-1", takes_over=Now(), text="I morgon?"),
        receiver(case),
    ),
    "refuse_proposal": lambda _: (
        cmd.RefuseProposal(handover_id="h-1", reason="Hen går hem i dag."),
        ALICE,
    ),
    "acknowledge": lambda case: (cmd.Acknowledge(handover_id="h-1"), receiver(case)),
    "to_the_team": redirect_to(BOBS_TEAM),
    "to_the_nurses": redirect_to(BOBS_NURSES),
    "back": redirect_to(BOB),
    "snooze": snoozed,
    "dispute": lambda _: (cmd.Dispute(handover_id="h-1", reason="Inte vårt."), ALICE),
}
WAIT = "wait"
STEPS = st.lists(
    st.tuples(st.sampled_from([WAIT, WAIT, *MOVES]), st.integers(0, 2 * 24 * 60)), max_size=14
)
BEGINS = st.sampled_from(
    [
        local("2026-10-05T09:00"),
        local("2026-10-23T15:00"),
        local("2026-12-22T23:00"),
        local("2027-03-25T12:00"),
        local("2027-03-28T01:30"),
    ]
)
COUNTED = st.sampled_from(Counting)
DRIVEN = settings(settings.get_profile("instants"), max_examples=80)


@cache
def counted_in(counting: Counting) -> Definition:
    """A pathway whose answers are promised in a kind of time."""
    budget = Budget(amount=BUDGETS[counting], counting=counting)
    wanted = Deadline(budget=budget, source=Source.CHOSEN)
    deadlines = pathway().handovers.model_copy(update={"accept": wanted, "answer": wanted})
    return pathway().model_copy(update={"handovers": deadlines})


def sent(counting: Counting, began: datetime) -> Case:
    """A handover to Bob."""
    case = Case.of(start(definition=counted_in(counting)), ALICE, began)
    case.send()
    return case


def moved_on(case: Case, move: str, span: int) -> tuple[Event, ...]:
    """One more thing happens, if it is allowed; time passes at any rate."""
    events = case.wait(timedelta(minutes=span))
    if move == WAIT:
        return events
    command, by = MOVES[move](case)
    if isinstance(decide(case.state, envelope(command, by), case.now), Refusal):
        return events
    return events + case.do(command, by)


def answering(case: Case) -> Clock:
    """The clock of the answer."""
    return case.clock(ClockKind.ACCEPTED, "h-1")


@DRIVEN
@given(counting=COUNTED, began=BEGINS, steps=STEPS)
def test_due_never_moves_without_an_event(
    counting: Counting, began: datetime, steps: list[tuple[str, int]]
) -> None:
    case = sent(counting, began)
    for move, span in steps:
        before = {c.id: c.due_at for c in case.state.clocks.values()}

        events = moved_on(case, move, span)

        told = {e.clock.id: e.clock.due_at for e in things(events, ev.ClockStarted)}
        told |= {e.clock.id: e.clock.due_at for e in things(events, ev.ClockMoved)}
        after = {c.id: c.due_at for c in case.state.clocks.values()}
        assert after == {**before, **told}


@DRIVEN
@given(counting=COUNTED, began=BEGINS, steps=STEPS)
def test_suspended_time_never_counts(
    counting: Counting, began: datetime, steps: list[tuple[str, int]]
) -> None:
    """The stretches in which the clock ran, and what is left until due, are the whole budget."""
    case = sent(counting, began)
    due = answering(case).due_at
    for move, span in steps:
        moved_on(case, move, span)
    clock = answering(case)
    calendar = case.state.calendar_of(clock)

    ran, since = timedelta(), began
    running = True
    for event in case.log:
        what = event.what
        if not isinstance(what, ev.ClockMoved) or what.clock.id != ANSWER:
            continue
        if running and not what.clock.running:
            ran += elapsed(since, event.effective_at, counting, calendar)
        elif not running and what.clock.running:
            since = event.effective_at
        running = what.clock.running

    if not running:
        assert clock.spent == ran
    elif ran < clock.span:
        left = elapsed(since, clock.due_at, counting, calendar)
        # A calendar day may end in the hour that is skipped or comes twice.
        night = timedelta(hours=1 if counting is Counting.CALENDAR_DAYS else 0)
        assert abs(ran + left - clock.span) <= night
    assert clock.due_at >= due


@DRIVEN
@given(counting=COUNTED, began=BEGINS, steps=STEPS)
def test_rungs_come_in_order_and_each_once(
    counting: Counting, began: datetime, steps: list[tuple[str, int]]
) -> None:
    case = sent(counting, began)
    for move, span in steps:
        moved_on(case, move, span)
    case.wait(timedelta(days=20))

    for clock in case.state.clocks.values():
        last = len(case.state.ladders.get(clock.ladder).rungs) - 1
        for fired in _lives(case, clock.id):
            numbers = [r.number for r in fired]
            whole = [r.number for r in fired if r.number <= last and not r.folded]
            assert numbers == sorted(set(numbers))
            assert whole == list(range(len(whole)))
            assert [r.due_at for r in fired] == sorted(r.due_at for r in fired)
            assert all(r.due_at <= r.fired_at for r in fired)


def _lives(case: Case, clock_id: str) -> list[list[ev.RungFired]]:
    """The rungs of a clock, anew each time that one of that name was started."""
    lives: list[list[ev.RungFired]] = [[]]
    for event in case.log:
        what = event.what
        if isinstance(what, ev.ClockStarted) and what.clock.id == clock_id:
            lives.append([])
        elif isinstance(what, ev.RungFired) and what.clock_id == clock_id:
            lives[-1].append(what)
    return lives


@DRIVEN
@given(
    counting=COUNTED,
    began=BEGINS,
    steps=STEPS,
    to=st.sampled_from(["to_the_team", "to_the_nurses", "back"]),
)
def test_a_redirect_never_moves_due_later(
    counting: Counting, began: datetime, steps: list[tuple[str, int]], to: str
) -> None:
    case = sent(counting, began)
    for move, span in steps:
        moved_on(case, move, span)
    before = answering(case).due_at

    events = moved_on(case, to, 0)

    assert answering(case).due_at <= before
    readings = [e.clock for e in things(events, ev.ClockStarted)]
    for reading in (c for c in readings if c.kind is ClockKind.ACKNOWLEDGED):
        assert reading.due_at <= max(before, case.now), "read anew, and no later than answered"


def test_what_is_read_anew_is_due_with_the_answer_also_on_a_day_off() -> None:
    case = sent(Counting.HOURS, local("2026-10-09T12:00"))
    case.do(cmd.Acknowledge(handover_id="h-1"), BOB)
    case.wait_until(local("2026-10-10T09:00"))

    case.do(cmd.Redirect(handover_id="h-1", to=unit(BOBS_TEAM), reason="Fel team"), BOB)

    reading = case.clock(ClockKind.ACKNOWLEDGED, "h-1")
    assert reading.due_at == answering(case).due_at == local("2026-10-10T12:00")
    assert explanations(case.log)[reading.id].agrees


def test_a_reading_that_is_counted_in_opening_hours_can_be_passed_on() -> None:
    known = counted_in(Counting.OPENING_HOURS)
    deadlines = known.handovers.model_copy(update={"acknowledge": known.handovers.accept})
    definition = known.model_copy(update={"handovers": deadlines})
    case = Case.of(start(definition=definition), ALICE, local("2026-10-05T09:00"))
    case.send()
    case.do(cmd.Acknowledge(handover_id="h-1"), BOB)

    case.do(cmd.Redirect(handover_id="h-1", to=unit(BOBS_TEAM), reason="Fel team"), BOB)

    reading = case.clock(ClockKind.ACKNOWLEDGED, "h-1")
    assert reading.due_at <= answering(case).due_at
    assert explanations(case.log)[reading.id].agrees


@DRIVEN
@given(counting=COUNTED, began=BEGINS, steps=STEPS)
def test_what_is_stopped_moves_no_more(
    counting: Counting, began: datetime, steps: list[tuple[str, int]]
) -> None:
    case = sent(counting, began)
    for move, span in steps:
        moved_on(case, move, span)
    no = cmd.Decline(handover_id="h-1", reason=DeclineReason.DUPLICATE)
    if isinstance(decide(case.state, envelope(no, receiver(case)), case.now), Refusal):
        return
    case.do(no, receiver(case))
    stopped = answering(case)

    case.wait(timedelta(days=30))

    assert answering(case) == stopped


@settings(settings.get_profile("instants"))
@given(change=st.integers(0, 800), offset=st.integers(-3 * 24 * 60, 3 * 24 * 60))
def test_a_change_on_a_date_touches_what_begins_from_then_and_nothing_else(
    change: int, offset: int
) -> None:
    first = day("2026-03-01") + timedelta(days=change)
    book = changed_from(first)
    midnight = local(f"{first}T00:00")
    began = minutes(midnight, offset)

    found = book.rule("payment_start", began.astimezone(STOCKHOLM).date())

    assert found is not None
    assert found.version == (3 if began >= midnight else 1)
