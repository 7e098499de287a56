"""Content profiles: what a receiver of each sector must get, and what it may not (R-118)."""

import pytest

from domain import command as cmd
from domain import event as ev
from domain.pathway import Purpose
from domain.profile import MUST_HOLD, SAYS_WHERE, Profile, missing, recommended, restrict
from domain.template import HandoverContent
from tests import samples
from tests.samples import ALICE, BOB, BOBS_HOME_HELP, Case, things

RICH = samples.handover_content(
    medication_note="Waran.",
    work_capacity="Ingen.",
    housing="Tre trappor.",
    close_persons="Maka.",
    destination="Hemmet.",
)


def test_health_care_gets_everything() -> None:
    disclosed = restrict(RICH, Profile.HEALTH_CARE, protected=False)

    assert disclosed == (RICH, ())


def test_social_services_get_daily_life_and_no_medical_matters() -> None:
    content, withheld = restrict(RICH, Profile.SOCIAL_SERVICES, protected=False)

    assert content.medication_note is None
    assert content.measurements == ()
    assert content.housing == "Tre trappor."
    assert set(withheld) == {
        "summary_evaluation",
        "measurements",
        "medication_note",
        "work_capacity",
    }


def test_a_school_gets_neither_risks_nor_home() -> None:
    content, withheld = restrict(RICH, Profile.SCHOOL, protected=False)

    assert (content.risks, content.housing) == (None, None)
    assert {"risks", "housing", "close_persons"} <= set(withheld)


@pytest.mark.parametrize("profile", list(Profile))
def test_nobody_is_written_where_a_protected_patient_is(profile: Profile) -> None:
    content, withheld = restrict(RICH, profile, protected=True)

    assert all(getattr(content, name) is None for name in SAYS_WHERE)
    assert {"housing", "close_persons", "destination"} <= set(withheld)


def test_what_is_empty_is_not_withheld() -> None:
    _, withheld = restrict(samples.handover_content(), Profile.HEALTH_CARE, protected=True)

    assert withheld == ()


@pytest.mark.parametrize("profile", list(Profile))
def test_what_a_profile_demands_it_may_hold_too(profile: Profile) -> None:
    content = restrict(RICH, profile, protected=False).content

    assert missing(content, profile) == []
    assert all(getattr(content, name) for name in MUST_HOLD[profile])


def test_what_a_profile_demands_is_named_by_its_path() -> None:
    bare = RICH.model_copy(update={"current_function": None})

    found = missing(bare, Profile.SCHOOL)

    assert [(p.field, p.rule) for p in found] == [("content.current_function", "required")]


def test_what_would_be_missed_is_said_and_never_refused() -> None:
    assert recommended(RICH, Profile.HEALTH_CARE) == ["self_rated_health", "aids"]


def test_a_sending_names_what_it_withholds() -> None:
    case = Case()
    send = samples.send(to=BOBS_HOME_HELP, part="home_help")

    events = case.do(send.model_copy(update={"content": RICH}), ALICE)

    (sent,) = things(events, ev.HandoverSent)
    assert sent.profile is Profile.SOCIAL_SERVICES
    assert sent.content.medication_note is None
    assert "medication_note" in sent.withheld


def test_a_sending_without_what_the_receiver_must_have_is_refused() -> None:
    case = Case()
    bare = samples.send(to=BOB, risks=None, purpose=Purpose.CARRY_OUT)

    refused = case.refusal(bare, ALICE)

    assert [(f.field, f.rule) for f in refused.fields] == [("content.risks", "required")]


def test_a_protected_patients_home_is_in_no_handover() -> None:
    case = Case()
    case.do(cmd.ChangeProtection(at=case.now, protection="secrecy_marking"), ALICE)

    events = case.do(samples.send().model_copy(update={"content": RICH}), ALICE)

    (sent,) = things(events, ev.HandoverSent)
    assert isinstance(sent.content, HandoverContent)
    assert sent.content.housing is None
    assert "housing" in sent.withheld
