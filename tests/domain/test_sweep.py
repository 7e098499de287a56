"""What a sweep makes of a run that answers."""

from datetime import timedelta

import pytest

from domain.sweep import Trouble, trouble_with
from tests.samples import local

NOW = local("2026-10-05T09:00")
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("moment", "alarm", "trouble"),
    [
        (-2 * MINUTE, None, Trouble.STUCK),
        (-2 * MINUTE, -2 * MINUTE, Trouble.STUCK),
        (-MINUTE, None, None),
        (timedelta(), None, None),
        (MINUTE, None, Trouble.UNTIMED),
        (MINUTE, 2 * MINUTE, Trouble.UNTIMED),
        (MINUTE, MINUTE, None),
        (2 * MINUTE, MINUTE, None),
    ],
)
def test_a_moment_needs_a_timer_that_does_not_come_after_it(
    moment: timedelta, alarm: timedelta | None, trouble: Trouble | None
) -> None:
    alarm_at = None if alarm is None else NOW + alarm

    assert trouble_with(NOW + moment, alarm_at, NOW, MINUTE) is trouble
