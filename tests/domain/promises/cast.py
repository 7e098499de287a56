"""Who takes part in the random journeys, when they begin, and how time passes."""

from datetime import timedelta
from typing import get_args

from hypothesis import strategies as st

from domain import command as cmd
from domain.part import COORDINATION
from domain.pathway import Purpose
from domain.unit import Unit
from tests import samples
from tests.samples import (
    ALICE,
    BOB,
    BOBS_HOME_HELP,
    BOBS_NURSES,
    BOBS_TEAM,
    CHARLIE,
    EXPIRED,
    HEALTH_CENTRE,
    NOBODY_HOLDS_OPERATIONS,
    UNCONNECTED,
    local,
)

REGION = tuple(f"SE0000000000-TESTRVMVC{town}" for town in ("KOP", "SAL", "FAG", "HAL", "NOR"))
CALLS_FOR_UNCONNECTED = "SE0000000000-TESTRVMVCSKI"
SAID_YES_BEFOREHAND = "SE0000000000-TESTK1984REH"
RECEIVERS = (
    BOB,
    BOBS_TEAM,
    BOBS_NURSES,
    BOBS_HOME_HELP,
    HEALTH_CENTRE,
    *REGION,
    UNCONNECTED,
    UNCONNECTED,
    SAID_YES_BEFOREHAND,
    NOBODY_HOLDS_OPERATIONS,
    EXPIRED,
)
ACTORS = (ALICE, *RECEIVERS, CALLS_FOR_UNCONNECTED)
assert CHARLIE not in ACTORS
BEGINNINGS = st.sampled_from(
    [
        local("2026-12-18T14:30"),  # the Friday before Christmas
        local("2026-10-24T23:30"),  # the night with 25 hours
        local("2027-03-27T23:30"),  # the night with 23 hours
        local("2026-06-18T16:05:07.123456"),  # the day before Midsummer Eve
        local("2026-10-05T09:00"),
    ]
)
SPANS = st.one_of(
    st.integers(0, 240).map(lambda n: timedelta(minutes=n)),
    st.integers(1, 96).map(lambda n: timedelta(hours=n)),
    st.integers(1, 45).map(lambda n: timedelta(days=n)),
)
PARTS = st.sampled_from([COORDINATION, "rehab", "rehab", "rehab", "home_help", "no_such_part"])
PATHWAYS = st.sampled_from(["stroke-rehab", "stroke-rehab", "generic-rehab"])
MOVING = (Purpose.TAKE_OVER, Purpose.TAKE_PART)
MOSTLY = st.sampled_from([True, True, True, True, False])
SELDOM = st.sampled_from([True, False, False, False, False])
RARELY = st.integers(0, 14).map(lambda n: n == 14)


def _members(union: object) -> set[type]:
    """Every command in the closed union."""
    found = get_args(union)
    return set().union(*map(_members, found)) if found else {union}  # type: ignore[arg-type]


COMMANDS = {kind for kind in _members(cmd.Command) if isinstance(kind, type)} & {
    getattr(cmd, name) for name in cmd.__all__ if isinstance(getattr(cmd, name), type)
}


def catalogue(hsa_id: str) -> Unit:
    """A unit as it was shipped."""
    return samples.unit(hsa_id)
