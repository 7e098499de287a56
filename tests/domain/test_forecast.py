"""What a sender can expect: when an answer, who is on duty until then, whom which rung reaches."""

from datetime import timedelta
from typing import Any

from domain import command as cmd
from domain.forecast import Forecast, forecast
from domain.pathway import Layer
from domain.profession import Profession
from domain.unit import Closure, Function
from domain.value import Labels
from tests import samples
from tests.samples import ALICE, BOB, BOBS_TEAM, MONDAY, Case, local, unit

SATURDAY = local("2026-10-10T11:00")


def expected(now: Any = MONDAY, content: dict[str, Any] | None = None, **change: Any) -> Forecast:
    """What can be expected of a handover to Bob's unit."""
    case = Case(now=now)
    case.do(cmd.RecordMove(at=case.now, municipality="1980"), ALICE)
    send = samples.send(to=unit(BOB, **change), **(content or {}))
    case.do(send.model_copy(update={"stand_ins": (unit(BOBS_TEAM),)}), ALICE)
    return forecast(case.state, "h-1", case.now)


def mismatches(found: Forecast) -> list[tuple[str, str]]:
    """What does not fit, plainly."""
    return [(m.what, m.wanted) for m in found.mismatches]


def test_an_open_unit_is_there_now() -> None:
    found = expected()

    assert found.open_now
    assert found.answer_expected_from == MONDAY
    assert found.on_duty.function is Function.INBOX


def test_a_closed_unit_is_there_when_it_opens() -> None:
    found = expected(SATURDAY)

    assert not found.open_now
    assert found.answer_expected_from is not None
    assert found.answer_expected_from.date() == SATURDAY.date() + timedelta(days=2)
    assert found.on_duty.function is Function.OUT_OF_HOURS


def test_who_covers_a_closed_unit_is_there_instead() -> None:
    today = MONDAY.date()
    closed = Closure(first=today, last=today + timedelta(days=6), covered_by=BOBS_TEAM)

    found = expected(closures=(closed,))

    assert found.covered_by == BOBS_TEAM
    assert found.on_duty.receiver == BOBS_TEAM
    assert found.answer_expected_from == MONDAY


def test_the_holder_until_the_take_over_is_the_sender() -> None:
    found = expected()

    assert found.on_duty.holder == ALICE


def test_rungs_stand_in_the_order_in_which_they_fall_and_say_whom_they_reach() -> None:
    found = expected()

    instants = [rung.at for rung in found.rungs]
    assert instants == sorted(instants)
    assert all(rung.tells for rung in found.rungs)
    assert {rung.clock for rung in found.rungs} == {"acknowledged", "accepted"}


def test_a_unit_that_serves_another_area_is_flagged_and_not_refused() -> None:
    found = expected(area=("1981",))

    assert ("area", "1980") in mismatches(found)


def test_an_agreement_that_ends_soon_is_flagged() -> None:
    soon = MONDAY.date() + timedelta(days=10)

    found = expected(agreement_until=soon)

    assert ("agreement", soon.isoformat()) in mismatches(found)


def test_professions_that_are_not_there_are_flagged() -> None:
    found = expected(
        content={"professions": (Profession.LOG, Profession.FT)}, professions=(Profession.FT,)
    )

    assert ("profession", "LOG") in mismatches(found)
    assert ("profession", "FT") not in mismatches(found)


def test_a_unit_that_fits_is_not_flagged() -> None:
    assert mismatches(expected(area=("1980",))) == []


def test_a_receiver_of_another_municipality_than_the_pathway_wants_is_said() -> None:
    home_help = "SE0000000000-TESTK1981HTJ"
    case = Case.of(samples.start(BOB, samples.pathway("orebro-hemrehab")), BOB)
    case.do(cmd.RecordMove(at=case.now, municipality="1980"), BOB)
    case.complete("assessment", BOB)
    case.do(cmd.SkipStep(step="medicine_review", reason="Behövs inte."), BOB)
    case.complete("plan", BOB)
    case.complete("intervention", BOB)
    advice: dict[str, Any] = {"maintenance_advice": "Gå till brevlådan varje dag."}
    case.do(samples.send(home_help, part="home_help", step="handover_home_help", **advice), BOB)

    found = mismatches(forecast(case.state, "h-1", case.now))

    assert ("municipality", "1980") in found


def test_a_unit_that_serves_the_base_serves_an_addition_to_it() -> None:
    layered = samples.pathway().model_copy(update={"key": "local", "layers": (LAYER,)}, deep=True)
    case = Case.of(samples.start(ALICE, layered), ALICE)
    case.do(samples.send(to=unit(BOB, pathways=("stroke-rehab",))), ALICE)

    found = mismatches(forecast(case.state, "h-1", case.now))
    assert "target_group" not in [what for what, _ in found]


LAYER = Layer(
    name="local@1",
    label=Labels(sv="Lokalt", en="Local"),
    owned_by="Egen enhet (demo)",
    hash="-",
    on="stroke-rehab@1",
    on_hash="-",
)
