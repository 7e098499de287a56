"""Made-up definitions: what the pure core says happens, happens on the real engine."""

from functools import cache

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from domain.design.case import Case
from domain.design.check import Library, check
from domain.design.living import faults_of_living
from domain.design.simulation import World as Setting
from domain.design.simulation import simulate
from domain.pathway import Definition
from tests.domain.design.made_up import Made, cases, definitions, written
from tests.library.engine import play
from tests.library.made_up import made_up
from tests.samples import calendar, ladders, rules, units
from tests.world import World

SETTING = Setting(units(), calendar(), ladders(), rules())
ON_THE_ENGINE = (3, 11, 29)

FUZZED, LEAST_MOVES, MOST_EVENTS = 4, 15, 300


@cache
def passed() -> list[tuple[Definition, Case]]:
    """Fuzzed pathways that the checker passes, each with an eventful case; the same each time."""
    found = list[tuple[Definition, Case]]()

    @seed(0)
    @settings(
        max_examples=200,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(definitions(low=7, high=16), cases())
    def look(made: Made, case: Case) -> None:
        known = [[step.key for step in d.steps] for d, _ in found]
        if len(found) == FUZZED or [step["key"] for step in made["steps"]] in known:
            return
        definition = check(written(made), Library(world=SETTING)).definition
        if definition and _is_eventful(definition, case):
            found.append((definition, case))

    look()
    return found


def _is_eventful(definition: Definition, case: Case) -> bool:
    """Whether it comes to its end by many moves, and by fewer events than wear out a test."""
    played = simulate(definition, SETTING, case, reminders=False)
    busy = len(played.moves) >= LEAST_MOVES and len(played.log) <= MOST_EVENTS
    return played.ended == "closed" and busy


@pytest.mark.parametrize("number", range(60))
def test_a_made_up_pathway_comes_to_its_end(number: int) -> None:
    definition = made_up(number)

    played = simulate(definition, SETTING, Case())

    assert faults_of_living(definition, SETTING) == []
    assert played.ended == "closed"
    assert not [m for m in played.moves if m.refused]


@pytest.mark.parametrize("number", ON_THE_ENGINE)
async def test_a_made_up_pathway_says_the_same_on_the_engine(world: World, number: int) -> None:
    played = await play(world, made_up(number), SETTING, Case(scores={"berg": 30}))

    played.same_story()
    played.same_events()


@pytest.mark.parametrize("number", range(FUZZED))
async def test_a_fuzzed_pathway_that_passes_is_finished_by_the_engine(
    world: World, number: int
) -> None:
    definition, case = passed()[number]

    played = await play(world, definition, SETTING, case)

    assert played.simulation.ended == "closed"
    played.same_story()
    played.same_events()
