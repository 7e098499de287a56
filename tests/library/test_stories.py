"""Each shipped pathway, played to its end on the real engine in virtual time."""

import pytest

from domain.design.case import Case
from domain.design.simulation import World as Setting
from tests.library.engine import play
from tests.samples import calendar, ladders, pathway, rules, units
from tests.world import World


@pytest.fixture(scope="session")
def setting() -> Setting:
    """The demo's units, with the shipped ladders and rules."""
    return Setting(units(), calendar(), ladders(), rules())


@pytest.mark.parametrize("key", ["generic-rehab", "stroke-rehab"])
async def test_a_pathway_runs_to_its_end(world: World, setting: Setting, key: str) -> None:
    played = await play(world, pathway(key), setting, Case())

    assert played.simulation.ended == "closed"
    played.same_story()
    played.same_events()
