"""What a journey's view offers is what `decide` takes, and nothing else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from domain import command as cmd
from domain.content import CloseReason
from domain.decide import decide
from domain.facts import Closing, Protection, SafetyNet
from domain.journey import Actor, Journey, Role
from domain.meeting import MeetingKind, Summons
from domain.pathway import Purpose
from domain.refusal import Refusal
from domain.stay import Effort, RegionCare
from domain.template import LegalBasis
from domain.view import journey_view, known, seer
from tests import samples
from tests.samples import ALICE, BOB, BOBS_HOME_HELP, CHARLIE, HEALTH_CENTRE, Case, envelope, unit

DAY = timedelta(days=1)
Build = Callable[[Case], cmd.Command]
NET = SafetyNet(caller="Samordnare", call_at=samples.MONDAY + 9 * DAY, number="010-000 00 00")


def _complete(step: str, content: Any) -> Build:
    return lambda case: cmd.CompleteStep(step=step, content=content(case))


def _announce(case: Case) -> cmd.Command:
    return cmd.Announce(
        handover_id="h-new",
        part="aids",
        purpose=Purpose.INFORM,
        to=unit(HEALTH_CENTRE),
        estimated_at=case.now + DAY,
        requested="För kännedom.",
        legal_basis=LegalBasis.HARM_TEST,
    )


def _inform(case: Case) -> cmd.Command:
    return samples.send(HEALTH_CENTRE, "aids", Purpose.INFORM, "h-new")


def _meet(case: Case) -> cmd.Command:
    summons = Summons(
        kind=MeetingKind.TEAM, starts_at=case.now + DAY, mode="video", units=(ALICE, BOB)
    )
    return cmd.CallMeeting(meeting_id="m-new", summons=summons, units=(unit(ALICE), unit(BOB)))


COMMANDS: dict[str, Build] = {
    "steps/assessment/complete": _complete("assessment", lambda case: samples.assessment()),
    "steps/plan/complete": _complete("plan", lambda case: samples.plan(case.now)),
    "steps/intervention/complete": _complete("intervention", lambda case: samples.intervention()),
    "steps/follow_up/complete": _complete("follow_up", lambda case: samples.follow_up()),
    "steps/plan/skip": lambda case: cmd.SkipStep(step="plan", reason="Har plan."),
    "steps/handover_rehab/skip": lambda case: cmd.SkipStep(
        step="handover_rehab", reason="Behövs inte."
    ),
    "steps/assessment/extend": lambda case: cmd.ExtendStep(
        step="assessment", until=(case.now + 90 * DAY).date(), reason="Sjuk."
    ),
    "visits": lambda case: cmd.RecordVisit(step="intervention", visit=samples.visit(case.now)),
    "handovers": _inform,
    "pre-notices": _announce,
    "plans": lambda case: cmd.DraftPlan(content=samples.plan(case.now)),
    "meetings": _meet,
    "sip/need": lambda case: cmd.DecideSip(needed=True, reason="Båda behövs."),
    "messages": lambda case: cmd.PostMessage(text="Hej."),
    "facts/left": lambda case: cmd.RecordDeparture(at=case.now, to="Hemmet"),
    "facts/safety-net": lambda case: cmd.RecordSafetyNet(safety_net=NET),
    "facts/admitted": lambda case: cmd.RecordAdmission(at=case.now),
    "facts/ready": lambda case: cmd.RecordReady(at=case.now),
    "stay/judgement": lambda case: cmd.JudgeAftercare(at=case.now, efforts=tuple(Effort)),
    "stay/notice": lambda case: cmd.SendAdmissionNotice(
        to=(unit(BOB), unit(HEALTH_CENTRE)), estimated_at=case.now + DAY
    ),
    "stay/estimate": lambda case: cmd.EstimateDischarge(estimated_at=case.now + DAY),
    "stay/ready/withdraw": lambda case: cmd.WithdrawReady(at=case.now, reason="Feber."),
    "stay/information": lambda case: cmd.GiveInformation(at=case.now, to="units"),
    "stay/region-care": lambda case: cmd.StateRegionCare(region_care=RegionCare.AVAILABLE),
    "facts/deceased": lambda case: cmd.RecordDeath(at=case.now),
    "facts/undo-death": lambda case: cmd.UndoDeath(reason="Fel person."),
    "facts/moved": lambda case: cmd.RecordMove(at=case.now, municipality="1283"),
    "facts/protected-changed": lambda case: cmd.ChangeProtection(
        at=case.now, protection=Protection.SECRECY_MARKING
    ),
    "closing": lambda case: cmd.ConfirmClosing(
        done=(Closing.UNITS_INFORMED, Closing.VISITS_CANCELLED)
    ),
    "close": lambda case: cmd.Close(reason=CloseReason.PATIENT_DECLINES),
    "periods": lambda case: cmd.StartPeriod(reason="Behovet är tillbaka."),
}


def begun() -> Case:
    return Case()


def planned() -> Case:
    case = begun()
    case.complete("assessment")
    case.complete("plan")
    return case


def sent() -> Case:
    case = planned()
    case.send(step="handover_rehab")
    return case


def shared() -> Case:
    case = sent()
    case.accept()
    return case


def helped() -> Case:
    case = shared()
    case.send(BOBS_HOME_HELP, "home_help", handover_id="h-2")
    case.accept(by=BOBS_HOME_HELP, handover_id="h-2")
    return case


def left() -> Case:
    case = sent()
    case.do(cmd.RecordDeparture(at=case.now, to="Hemmet"), ALICE)
    case.wait(timedelta(minutes=1))
    return case


def admitted() -> Case:
    case = shared()
    case.do(cmd.RecordAdmission(at=case.now), ALICE)
    return case


def told_of_the_stay() -> Case:
    case = shared()
    efforts = (Effort.SOCIAL_SERVICES,)
    case.do(cmd.RecordAdmission(at=case.now, efforts=efforts), ALICE)
    notice = cmd.SendAdmissionNotice(to=(unit(BOB),), estimated_at=case.now + DAY)
    case.do(notice, ALICE)
    return case


def ready() -> Case:
    case = told_of_the_stay()
    case.do(cmd.RecordReady(at=case.now), ALICE)
    return case


def discharged() -> Case:
    case = ready()
    case.do(cmd.RecordDeparture(at=case.now, to="Hemmet"), ALICE)
    case.wait(timedelta(minutes=1))
    return case


def deceased() -> Case:
    case = shared()
    case.do(cmd.RecordDeath(at=case.now), ALICE)
    return case


def closed() -> Case:
    case = shared()
    case.do(cmd.Close(reason=CloseReason.GOALS_MET), ALICE)
    return case


def offered(state: Journey, by: str, case: Case) -> set[str]:
    actor = Actor(subject="u-1", unit=by, roles=(Role.COORDINATOR,))
    return set(journey_view(known(state), seer(actor, state.units, case.now)).available_actions)


STATES = (
    begun,
    planned,
    sent,
    shared,
    helped,
    left,
    admitted,
    told_of_the_stay,
    ready,
    discharged,
    deceased,
    closed,
)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("by", [ALICE, BOB, BOBS_HOME_HELP])
def test_what_is_offered_is_taken_and_nothing_else(state: Callable[[], Case], by: str) -> None:
    case = state()
    may = offered(case.state, by, case)

    taken = {
        name
        for name, build in COMMANDS.items()
        if not isinstance(decide(case.state, envelope(build(case), by), case.now), Refusal)
    }

    started = {name for name in taken - may if by == ALICE and name.startswith("facts/")}
    assert may & set(COMMANDS) == taken - started, "whoever started may record facts for ever"


def test_an_outsider_is_offered_nothing() -> None:
    case = shared()

    assert offered(case.state, CHARLIE, case) == set()


def test_every_name_that_can_be_offered_is_asked_about() -> None:
    names = {n for s in STATES for by in (ALICE, BOB) for n in offered(s().state, by, s())}

    kinds = {n for n in names if not n.endswith(("/extend", "handover_coordination/skip"))}
    assert kinds - set(COMMANDS) == {"steps/intervention/skip"}
