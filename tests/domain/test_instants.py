"""When something may have happened: not in the future, and not in a wrong year."""

from datetime import timedelta

import pytest

from domain import command as cmd
from domain.rules.instants import LONGEST_AGO
from tests.samples import ALICE, MONDAY, Case

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("at", "code"),
    [(MONDAY + SECOND, "instant_in_future"), (MONDAY - LONGEST_AGO - SECOND, "instant_too_old")],
)
def test_what_cannot_have_been_then_is_refused(at: object, code: str) -> None:
    refused = Case().refusal(cmd.RecordAdmission.model_validate({"at": at}), ALICE)

    assert (refused.code, [f.field for f in refused.fields]) == (code, ["at"])


def test_two_years_before_the_journey_is_not_too_old() -> None:
    assert Case().do(cmd.RecordAdmission(at=MONDAY - LONGEST_AGO), ALICE)


def test_a_journey_that_is_old_itself_may_be_told_of_its_beginning() -> None:
    case = Case()
    case.wait(timedelta(days=3 * 366))

    assert case.do(cmd.RecordAdmission(at=MONDAY), ALICE)
