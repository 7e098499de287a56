"""What the patient's copy is filled with, from a journey without servers."""

from datetime import timedelta
from typing import get_args

import pytest

from api.catalogue import Catalogue
from api.patient_copy import ASKED, MEETINGS, PHASES, PLACES, Found, patient_copy
from domain import command as cmd
from domain.handover import WithdrawReason
from domain.journey import StepState
from domain.meeting import MeetingKind, Summons
from domain.part import STANDARD_PARTS
from domain.pathway import Purpose
from domain.patient_copy import PatientCopy, Phase, PhaseState
from domain.value import Labels
from domain.view import known
from store.care import FoundPlan
from tests import samples
from tests.samples import ALICE, BOB, BOBS_HOME_HELP, MONDAY, Case

DAY = timedelta(days=1)


def filled(
    case: Case, plans: tuple[FoundPlan, ...] = (), *, protected: bool = False
) -> PatientCopy:
    """The copy of a journey as it is now."""
    definition = samples.pathway()
    catalogue = Catalogue(
        units=samples.units(),
        pathways={(definition.key, definition.version): definition},
        published=(),
        calendar=samples.calendar(),
        ladders=samples.ladders(),
        rules=samples.rules(),
    )
    found = Found(
        known=known(case.state),
        name="Testpatient 01",
        protected=protected,
        plans=plans,
        meetings=tuple(case.state.meetings.values()),
        what_matters="Komma hem till hunden.",
        added={"balance_group": "Balansgrupp"},
    )
    return patient_copy(found, catalogue, case.now)


def planned() -> Case:
    case = Case()
    case.complete("assessment")
    case.complete("plan")
    return case


def call(case: Case, meeting_id: str, **change: object) -> None:
    given = {"starts_at": case.now + 2 * DAY, "mode": "video", "units": (ALICE,)}
    summons = Summons.model_validate({"kind": MeetingKind.GOAL} | given | change)
    case.do(cmd.CallMeeting(meeting_id=meeting_id, summons=summons, units=()), ALICE)


def add_step() -> cmd.AddStep:
    return cmd.AddStep(
        key="balance_group",
        kind="intervention",
        label=Labels(sv="Balansgrupp", en="Balance group"),
        part="rehab",
        due=samples.calendar_days(30),
        reason="Vill träna med andra.",
    )


def test_there_are_words_for_everything_that_can_stand_there() -> None:
    assert set(ASKED) == set(STANDARD_PARTS)
    assert set(MEETINGS) == set(MeetingKind)
    assert set(PHASES) == set(StepState)
    assert set(PLACES) == set(get_args(Summons.model_fields["mode"].annotation))


def test_the_holder_of_the_coordination_stands_first_with_its_telephone() -> None:
    case = planned()
    case.send(BOBS_HOME_HELP, part="home_help")
    case.accept(by=BOBS_HOME_HELP)

    responsible = filled(case).responsible

    assert [r.part for r in responsible] == ["Samordning", "Hemtjänst", "Rehabilitering"]
    assert responsible[0].unit == "Strokeenhet Västerås (demo)"
    assert responsible[0].phone == "010-000 00 00"
    assert responsible[0].since == MONDAY.date()


def test_phases_come_in_the_pathways_order_with_its_labels() -> None:
    case = planned()

    phases = filled(case).phases

    assert [(p.label, p.state) for p in phases[:3]] == [
        ("Remiss", PhaseState.DONE),
        ("Bedömning på strokeenheten", PhaseState.DONE),
        ("Rehabiliteringsplan", PhaseState.DONE),
    ]
    assert PhaseState.NOW in [p.state for p in phases]


def test_a_step_that_was_added_for_this_patient_stands_with_its_own_label() -> None:
    case = planned()
    case.do(add_step(), ALICE)

    phases = filled(case).phases

    assert Phase(label="Balansgrupp", state=PhaseState.NOW) in phases


def test_what_waits_for_an_answer_is_asked_for_in_plain_words() -> None:
    case = planned()
    case.send()

    (waiting,) = filled(case).handovers_waiting

    assert waiting.what == "ta över din träning"
    assert (waiting.from_unit, waiting.to_unit) == (
        "Strokeenhet Västerås (demo)",
        "Kommunrehab Västerås (demo)",
    )
    assert waiting.since == MONDAY.date()


def test_a_task_that_is_only_carried_out_moves_nothing_and_says_so() -> None:
    case = planned()
    case.send(purpose=Purpose.CARRY_OUT)

    (waiting,) = filled(case).handovers_waiting

    assert waiting.what == "hjälpa till med rehabilitering"


def test_information_and_what_was_answered_or_withdrawn_is_waited_for_by_nobody() -> None:
    case = planned()
    case.send(purpose=Purpose.INFORM, handover_id="h-1")
    case.send(handover_id="h-2")
    case.do(cmd.Withdraw(handover_id="h-2", reason=WithdrawReason.NO_LONGER_NEEDED), ALICE)
    case.send(handover_id="h-3")
    case.accept(handover_id="h-3")

    waiting = filled(case).handovers_waiting

    assert waiting == ()


def test_only_meetings_that_are_planned_and_lie_ahead_are_there() -> None:
    case = planned()
    call(case, "m-1")
    call(case, "m-2", starts_at=case.now + 9 * DAY, place="Hemma hos dig", mode="in_person")
    call(case, "m-3", starts_at=case.now + 9 * DAY)
    case.do(cmd.CancelMeeting(meeting_id="m-3", reason="Förkyld."), ALICE)
    case.wait(3 * DAY)

    (meeting,) = filled(case).meetings

    assert (meeting.kind, meeting.place) == ("Möte om dina mål", "Hemma hos dig")


@pytest.mark.parametrize(("mode", "place"), PLACES.items())
def test_a_meeting_without_a_place_says_how_it_is_held(mode: str, place: str) -> None:
    case = planned()
    call(case, "m-1", mode=mode)

    (meeting,) = filled(case).meetings

    assert meeting.place == place


def test_the_plan_is_the_newest_that_holds_and_may_be_seen() -> None:
    case = planned()
    case.send()
    case.accept()
    case.wait(DAY)
    content = samples.plan(case.now, goals=3)
    case.do(cmd.DraftPlan(content=content), BOB)
    case.do(cmd.ActivatePlan(number=2, content=content), BOB)
    first, second = sorted(case.state.plans, key=lambda p: p.number)
    seen = (FoundPlan(first, samples.plan(case.now)), FoundPlan(second, content))

    whole = filled(case, seen).plan
    hidden = filled(case, (seen[0], FoundPlan(second, None))).plan

    assert whole is not None and hidden is not None
    assert (whole.number, whole.unit, len(whole.goals)) == (2, "Kommunrehab Västerås (demo)", 3)
    assert whole.decided_on == (MONDAY + DAY).date()
    assert hidden.number == 1


def test_a_plan_that_has_ended_is_not_the_patients_plan() -> None:
    case = planned()
    case.do(cmd.ClosePlan(number=1, reason="Klar."), ALICE)
    (ended,) = case.state.plans

    copy = filled(case, (FoundPlan(ended, samples.plan(case.now)),))

    assert copy.plan is None


def test_a_protected_patients_copy_is_marked_so() -> None:
    assert filled(planned(), protected=True).protected
