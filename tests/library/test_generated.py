"""Made-up definitions: what the pure core says happens, happens on the real engine."""

import pytest

from domain.design.case import Case
from domain.design.living import faults_of_living
from domain.design.simulation import World as Setting
from domain.design.simulation import simulate
from tests.library.engine import play
from tests.library.made_up import made_up
from tests.samples import calendar, ladders, rules, units
from tests.world import World

SETTING = Setting(units(), calendar(), ladders(), rules())
ON_THE_ENGINE = (3, 11, 29)


@pytest.mark.parametrize("seed", range(60))
def test_a_made_up_pathway_comes_to_its_end(seed: int) -> None:
    definition = made_up(seed)

    played = simulate(definition, SETTING, Case())

    assert faults_of_living(definition, SETTING) == []
    assert played.ended == "closed"
    assert not [m for m in played.moves if m.refused]


@pytest.mark.parametrize("seed", ON_THE_ENGINE)
async def test_a_made_up_pathway_says_the_same_on_the_engine(world: World, seed: int) -> None:
    played = await play(world, made_up(seed), SETTING, Case(scores={"berg": 30}))

    played.same_story()
    played.same_events()
