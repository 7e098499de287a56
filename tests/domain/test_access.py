"""Who may see what: patients of the own unit, late promises of the own branch, and no more."""

import pytest

from domain.journey import Actor, Role
from domain.rules.access import sight
from tests.samples import ALICE, BOB, BOBS_HOME_HELP, BOBS_TEAM, CHARLIE, MONDAY, unit

UNITS = [unit(hsa_id) for hsa_id in (ALICE, BOB, BOBS_TEAM, BOBS_HOME_HELP, CHARLIE)]


def actor(at: str, *roles: Role) -> Actor:
    return Actor(subject="u-1", unit=at, roles=roles)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.CLINICIAN, Role.UNIT_MANAGER])
def test_who_works_with_patients_sees_those_of_the_own_unit(role: Role) -> None:
    seen = sight(actor(CHARLIE, role), UNITS, MONDAY)

    assert seen.patients == seen.boards == (CHARLIE,)


def test_a_manager_of_a_branch_sees_its_boards_and_no_patient() -> None:
    seen = sight(actor(BOB, Role.OPERATIONS_MANAGER), UNITS, MONDAY)

    assert seen.patients == ()
    assert set(seen.boards) == {BOB, BOBS_TEAM, BOBS_HOME_HELP}


def test_the_regional_function_sees_all_boards_and_no_patient() -> None:
    seen = sight(actor(ALICE, Role.REGIONAL), UNITS, MONDAY)

    assert seen.patients == ()
    assert set(seen.boards) == {u.hsa_id for u in UNITS}


@pytest.mark.parametrize("roles", [(), (Role.DESIGNER,), (Role.OPERATOR,)])
def test_who_designs_or_operates_sees_neither(roles: tuple[Role, ...]) -> None:
    assert sight(actor(ALICE, *roles), UNITS, MONDAY)[:2] == ((), ())


def test_a_manager_of_a_unit_that_is_not_known_sees_nothing() -> None:
    gone = "SE0000000000-TESTGONE"

    assert sight(actor(gone, Role.OPERATIONS_MANAGER), UNITS, MONDAY)[:2] == ((), ())
