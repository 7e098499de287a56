"""Every due instant reckoned anew from the log alone, and said in two languages."""

from collections.abc import Callable
from datetime import time, timedelta
from typing import get_args

import pytest

from domain import command as cmd
from domain import event as ev
from domain.calendar import Budget, Counting
from domain.clock import ClockKind
from domain.clock_words import KINDS, budget_words, when
from domain.delay import Delay, DelayReason
from domain.event import ClockMoved
from domain.explanation import Explanation, StepKind, explain, explanations
from domain.explanation_words import (
    BECAUSE,
    BEGAN,
    ENDS,
    LINES,
    SOURCES,
    Known,
    deadline_of,
    sentences,
)
from domain.handover import At, Now, OnDischarge
from domain.journey import Role
from domain.pathway import Deadline, Definition, Source
from domain.rulebook import Agreement, Began, Cutoff, Ends, Rulebook
from domain.stay import Effort
from domain.unit import Closure
from tests.samples import (
    ALICE,
    BOB,
    BOBS_HOME_HELP,
    BOBS_TEAM,
    HEALTH_CENTRE,
    Case,
    calendar_days,
    day,
    local,
    pathway,
    rules,
    start,
    unit,
    units,
)

NAMES = {hsa_id: one.name for hsa_id, one in units().items()}
BOTH = (Effort.MUNICIPAL_HEALTH_CARE, Effort.REGION_OPEN_CARE)
AGREED = Agreement(
    key="k1980-2026",
    rule="payment_start",
    municipality="1980",
    budget=calendar_days(5),
    cutoff=Cutoff(at=time(14), days=2),
    reference="Överenskommelse 2026",
    valid_from=day("2026-01-01"),
)


def told(case: Case, kind: ClockKind, subject: str = "h-1") -> Explanation:
    """The reckoning of one clock, which comes to the stored instant."""
    found = explain(case.log, f"{kind}:{subject}")
    assert found is not None and found.agrees
    return found


def lines(case: Case, kind: ClockKind, subject: str = "h-1", *, masked: bool = False) -> list[str]:
    """The Swedish sentences; there is an English one beside each."""
    found = told(case, kind, subject)
    deadline = deadline_of(case.state, case.clock(kind, subject))
    said = sentences(found, Known(deadline, NAMES, masked))
    assert all(s.sv and s.en and s.sv != s.en for s in said)
    return [s.sv for s in said]


def kinds(found: Explanation) -> list[StepKind]:
    """What each line does."""
    return [line.kind for line in found.lines]


def planned() -> Case:
    """A journey that is ready to send."""
    case = Case()
    case.complete("assessment")
    case.complete("plan")
    return case


def sent() -> Case:
    """A handover by a step of the pathway."""
    case = planned()
    case.send(step="handover_rehab")
    return case


def questioned() -> Case:
    """A question that stood for a day."""
    case = sent()
    case.wait(timedelta(hours=5))
    case.do(cmd.Ask(handover_id="h-1", question="Vad?"), BOB)
    case.wait(timedelta(days=1))
    case.do(cmd.Answer(handover_id="h-1", answer="Det."), ALICE)
    return case


def proposed() -> Case:
    """A proposal that was refused."""
    case = sent()
    case.wait(timedelta(hours=1))
    terms = At(at=case.now + timedelta(days=3))
    case.do(cmd.Propose(handover_id="h-1", takes_over=terms, text="Senare."), BOB)
    case.wait(timedelta(hours=30))
    case.do(cmd.RefuseProposal(handover_id="h-1", reason="Nej."), ALICE)
    return case


def held() -> Case:
    """On hold for a week while the patient was in hospital."""
    case = sent()
    case.wait(timedelta(minutes=17, seconds=3))
    case.do(cmd.RecordAdmission(at=case.now), ALICE)
    case.wait(timedelta(days=7))
    case.do(cmd.Resume(handover_id="h-1"), ALICE)
    return case


def redirected() -> Case:
    """Passed on, close to its due."""
    case = sent()
    case.wait(timedelta(hours=20))
    case.do(cmd.Acknowledge(handover_id="h-1"), BOB)
    case.do(cmd.Redirect(handover_id="h-1", to=unit(BOBS_TEAM), reason="Till teamet."), BOB)
    return case


def extended() -> Case:
    """A step with more time."""
    case = Case()
    until = case.now.date() + timedelta(days=9)
    waits = Delay(reason=DelayReason.AWAITS_AIDS)
    case.do(cmd.ExtendStep(step="assessment", until=until, reason="Stol.", delay=waits), ALICE)
    return case


def _in_opening_hours() -> Definition:
    """A pathway that promises answers in the receiver's own hours."""
    budget = Budget(amount=18, counting=Counting.OPENING_HOURS)
    wanted = Deadline(budget=budget, source=Source.CHOSEN)
    deadlines = pathway().handovers.model_copy(update={"accept": wanted, "answer": wanted})
    return pathway().model_copy(update={"handovers": deadlines})


def reprojected() -> Case:
    """Counted in the receiver's hours, which become fewer by a closure."""
    case = Case.of(start(definition=_in_opening_hours()), ALICE)
    case.send()
    case.wait(timedelta(hours=2))
    shut = (Closure(first=day("2026-10-06"), last=day("2026-10-07")),)
    changed = unit(BOB, version=case.state.units[BOB].version + 1, closures=shut)
    case.do(cmd.AdoptUnit(unit=changed, reproject=True), BOB, roles=(Role.CATALOGUE,))
    return case


def ready(
    at: str = "2026-10-07T12:00:01",
    book: Rulebook | None = None,
    efforts: tuple[Effort, ...] = (Effort.SOCIAL_SERVICES,),
) -> Case:
    """A stay with its notices, ready for discharge at a wall clock; of Västerås."""
    begun = start().model_copy(update={"rules": book or rules()})
    case = Case.of(begun, ALICE)
    case.adopt_state(municipality="1980")
    case.do(cmd.RecordAdmission(at=case.now, efforts=efforts), ALICE)
    told_of = (unit(BOB), unit(HEALTH_CENTRE))
    estimate = local("2026-10-09T10:00")
    case.do(cmd.SendAdmissionNotice(to=told_of, estimated_at=estimate), ALICE)
    case.wait_until(local(at))
    case.do(cmd.RecordReady(at=case.now), ALICE)
    return case


def planned_together() -> Case:
    """Ready, and both sides have something to do."""
    return ready(efforts=BOTH)


def mistaken_death() -> Case:
    """A death that was recorded by mistake."""
    case = sent()
    case.do(cmd.RecordDeath(at=case.now), ALICE)
    case.wait(timedelta(hours=9))
    case.do(cmd.UndoDeath(reason="Fel patient."), ALICE)
    return case


def accepted_for_later() -> Case:
    """A take-over at an instant, and then a new estimate of a discharge."""
    case = planned()
    estimate = case.now + timedelta(days=2)
    case.send(step="handover_rehab", estimated_discharge_at=estimate)
    case.accept(OnDischarge())
    later = estimate + timedelta(days=1)
    case.do(cmd.ChangeEstimate(handover_id="h-1", estimated_at=later, reason="Feber."), ALICE)
    return case


STORIES: tuple[Callable[[], Case], ...] = (
    sent,
    questioned,
    proposed,
    held,
    redirected,
    extended,
    reprojected,
    ready,
    planned_together,
    mistaken_death,
    accepted_for_later,
)


@pytest.mark.parametrize("story", STORIES, ids=lambda s: s.__name__)
def test_every_clock_of_a_story_is_reckoned_anew_from_its_log(story: Callable[[], Case]) -> None:
    case = story()
    case.wait(timedelta(days=3))

    found = explanations(case.log)

    assert set(found) == set(case.state.clocks)
    for clock_id, one in found.items():
        assert one.agrees, f"{clock_id}: {one.due_at} is not {one.stored_due_at}"
        deadline = deadline_of(case.state, case.state.clocks[clock_id])
        assert all(s.sv and s.en for s in sentences(one, Known(deadline, NAMES)))


def test_there_is_no_reckoning_of_what_was_never_promised() -> None:
    assert explain(sent().log, "accepted:no") is None
    assert explanations([]) == {}


class TestSentences:
    """Each kind of line, by a story in which it comes."""

    def test_a_start_says_event_and_instant_and_the_pathways_own_limit(self) -> None:
        case = sent()
        started = told(case, ClockKind.ACCEPTED)

        said = lines(case, ClockKind.ACCEPTED)

        assert said[0] == f"Börjar: händelse {started.start_event}, måndag 2026-10-05 09:00:00."
        assert said[1] == (
            "Tidsgräns: 24 timmar dygnet runt enligt förloppet stroke-rehab@1, lokalt val."
        )
        assert said[2].startswith("Förloppets not: Samma tal som inskrivningsmeddelandets")
        assert said[3:] == [
            "Kalender: 2026-1, tid i Sverige.",
            "Räknat 24 timmar dygnet runt från måndag 2026-10-05 09:00:00:"
            " tisdag 2026-10-06 09:00:00.",
            "Klar senast tisdag 2026-10-06 09:00:00.",
        ]
        event = case.log[started.start_event - 1]
        assert isinstance(event.what, ev.ClockStarted)
        assert (event.seq, event.what.clock.id) == (started.start_event, "accepted:h-1")

    def test_a_question_pauses_with_what_had_been_spent(self) -> None:
        *_, paused, resumed, due = lines(questioned(), ClockKind.ACCEPTED)

        assert "Stannar måndag 2026-10-05 14:00:00" in paused
        assert paused.endswith("en fråga till avsändaren; 5:00:00 har gått.")
        assert "Går vidare tisdag 2026-10-06 14:00:00" in resumed
        assert due == "Klar senast onsdag 2026-10-07 09:00:00."

    @pytest.mark.parametrize(
        ("story", "why"),
        [(proposed, "ett förslag till avsändaren"), (held, "överlämningen vilar")],
    )
    def test_each_reason_for_a_pause_has_words(self, story: Callable[[], Case], why: str) -> None:
        assert any(why in line for line in lines(story(), ClockKind.ACCEPTED))

    def test_more_time_is_a_reason_of_its_own(self) -> None:
        *_, extension, due = lines(extended(), ClockKind.STEP, "1.assessment")

        assert extension.startswith("Mer tid gavs måndag 2026-10-05 09:00:00")
        assert due == "Klar senast torsdag 2026-10-15 00:00:00."

    def test_other_opening_hours_are_told_with_the_unit_and_its_closure(self) -> None:
        case = reprojected()

        said = lines(case, ClockKind.ACCEPTED)

        hours = next(line for line in said if line.startswith("Öppettider"))
        assert NAMES[BOB] in hours and "måndag 07:30–16:30" in hours
        assert hours.endswith("; stängt 2026-10-06–2026-10-07.")
        assert any("Räknad om efter nya öppettider måndag 2026-10-05 11:00:00" in s for s in said)
        assert said[-1] == "Klar senast fredag 2026-10-09 09:00:00."

    def test_a_reading_after_a_redirect_is_due_no_later_than_the_answer(self) -> None:
        case = redirected()

        said = lines(case, ClockKind.ACKNOWLEDGED)

        assert StepKind.SHORTENED in kinds(told(case, ClockKind.ACKNOWLEDGED))
        assert any("tidpunkt som redan gällde" in line for line in said)

    def test_a_later_beginning_is_said(self) -> None:
        case = accepted_for_later()

        said = lines(case, ClockKind.TAKE_OVER)

        assert "Räknas från torsdag 2026-10-08 09:00:00." in said
        assert any("enligt förloppet" in line for line in said)

    def test_the_payment_of_the_act_with_cutoff_and_paragraph(self) -> None:
        said = lines(ready(), ClockKind.PAYMENT, "stay.1")

        assert said[1] == (
            "Regel: Kommunens betalningsansvar inträder, lag (2017:612) 5 kap. 4 §, lag, version 1."
        )
        assert said[2].startswith("Tolkning: Kalenderdagar.")
        assert "Efter klockan 12:00:00: 1 kalenderdag till." in said
        assert said[-2:] == [
            "Räknat 4 kalenderdagar från onsdag 2026-10-07 12:00:01, till början av den dagen:"
            " söndag 2026-10-11 00:00:00.",
            "Klar senast söndag 2026-10-11 00:00:00.",
        ]

    def test_at_noon_sharp_nothing_is_added(self) -> None:
        said = lines(ready("2026-10-07T12:00:00"), ClockKind.PAYMENT, "stay.1")

        assert not any("Efter klockan" in line for line in said)
        assert said[-1] == "Klar senast lördag 2026-10-10 00:00:00."

    def test_a_rule_that_ends_with_the_day(self) -> None:
        said = lines(ready(efforts=BOTH), ClockKind.SIP_SUMMONS, "stay.1")

        assert any(", till slutet av den dagen:" in line for line in said)

    def test_a_rule_before_an_event_names_it(self) -> None:
        said = lines(ready(efforts=BOTH), ClockKind.CARE_CONTACT, "stay.1")

        assert said[-2] == "Före utskrivningen: fredag 2026-10-09 10:00:00."

    def test_a_chosen_rule_says_so(self) -> None:
        said = lines(proposed(), ClockKind.PROPOSAL)

        assert said[1] == "Regel: Svar på mottagarens förslag, lokalt val, version 1."

    def test_what_neither_rule_nor_pathway_gives_is_a_local_choice(self) -> None:
        case = sent()
        case.do(cmd.RecordDeparture(at=case.now, to="hemmet"), ALICE)

        said = lines(case, ClockKind.ALARM, "rehab")

        assert said[1] == "Tidsgräns: lokalt val, genast."
        assert "Inget läggs till: måndag 2026-10-05 09:00:00." in said

    def test_an_agreement_is_named_with_its_own_cutoff_and_hidden_behind_a_mask(self) -> None:
        book = rules().model_copy(update={"agreements": (AGREED,)})
        case = ready("2026-10-07T14:00:01", book)

        said = lines(case, ClockKind.PAYMENT, "stay.1")
        masked = lines(case, ClockKind.PAYMENT, "stay.1", masked=True)

        assert "Överenskommelse: Överenskommelse 2026 (k1980-2026)." in said
        assert "Efter klockan 14:00:00: 2 kalenderdagar till." in said
        assert said[-1] == "Klar senast onsdag 2026-10-14 00:00:00."
        assert not any("1980" in line for line in masked)
        assert any("visas inte för en skyddad patient" in line for line in masked)

    def test_what_does_not_agree_is_said_plainly(self) -> None:
        found = told(sent(), ClockKind.ACCEPTED)
        wrong = found.model_copy(
            update={"agrees": False, "stored_due_at": found.due_at + timedelta(hours=1)}
        )

        *_, last = sentences(wrong, Known(None, NAMES))

        assert last.sv.startswith("OBS: klockan har tisdag 2026-10-06 10:00:00, men uträkningen")
        assert last.en.endswith("The fault is ours.")


class TestDeadlines:
    """Where a promise has its length from."""

    def test_a_handover_by_a_step_has_the_steps_own(self) -> None:
        case = sent()
        step = case.state.step_definition("handover_rehab")

        found = deadline_of(case.state, case.clock(ClockKind.ACCEPTED, "h-1"))

        assert step is not None and step.kind == "handover"
        assert found == step.accept

    def test_a_handover_by_no_step_has_the_pathways(self) -> None:
        case = planned()
        case.send(to=BOBS_HOME_HELP, part="home_help")

        found = deadline_of(case.state, case.clock(ClockKind.ACCEPTED, "h-1"))

        assert found == case.state.definition.handovers.accept

    def test_after_the_take_over_first_contact_and_step(self) -> None:
        case = sent()
        case.accept(Now())

        assert deadline_of(case.state, case.clock(ClockKind.FIRST_CONTACT, "h-1"))
        assert deadline_of(case.state, case.clock(ClockKind.STEP, "1.assessment"))

    def test_a_rule_or_a_choice_of_ours_has_none(self) -> None:
        case = proposed()
        case.do(cmd.RecordAdmission(at=case.now), ALICE)
        case.do(cmd.RecordReady(at=case.now), ALICE)

        assert deadline_of(case.state, case.clock(ClockKind.PROPOSAL, "h-1")) is None
        assert deadline_of(case.state, case.clock(ClockKind.HOLD, "h-1")) is None


class TestWords:
    """Every code that can come has words."""

    def test_no_code_is_without(self) -> None:
        moves = get_args(ClockMoved.model_fields["because"].annotation)

        assert set(LINES) == set(StepKind)
        assert set(KINDS) == set(ClockKind)
        assert set(SOURCES) == set(Source)
        assert set(BEGAN) == set(Began)
        assert set(ENDS) == set(Ends)
        assert set(BECAUSE) == set(moves)

    @pytest.mark.parametrize("counting", list(Counting))
    def test_one_and_many_of_each_kind_of_time(self, counting: Counting) -> None:
        one, two = budget_words(1, counting), budget_words(2, counting)

        assert one.sv.startswith("1 ") and two.sv.startswith("2 ")
        assert one.sv[2:] != two.sv[2:] and one.en[2:] != two.en[2:]

    def test_nothing_is_at_once_or_the_same_day(self) -> None:
        assert budget_words(0, Counting.HOURS).sv == "genast"
        assert budget_words(0, Counting.WORKING_DAYS).sv == "samma dag"

    def test_the_hour_that_comes_twice_is_told_with_its_offset(self) -> None:
        first, second = local("2026-10-25T01:30"), local("2026-10-25T02:30")

        assert when(first).sv == "söndag 2026-10-25 01:30:00"
        assert when(second).en == "Sunday 2026-10-25 02:30:00+0200"
        assert when(second + timedelta(hours=1)).en == "Sunday 2026-10-25 02:30:00+0100"
