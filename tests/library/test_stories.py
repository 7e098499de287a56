"""Each shipped pathway, played to its end: on the pure core, and on the real engine."""

from datetime import UTC, datetime

import pytest
import yaml

from domain import event as ev
from domain.content import Assessment
from domain.design.addition import Addition
from domain.design.case import Case
from domain.design.compose import compose
from domain.design.simulation import World as Setting
from domain.design.simulation import simulate
from domain.journey import StepState
from tests.library.cases import TALES, WARD, Told
from tests.library.engine import play
from tests.samples import ROOT, calendar, ladders, pathway, rules, things, units
from tests.world import World

ADDITION = ROOT / "pathways/stroke-rehab/additions/vastmanland/v1.yaml"
NAMED = [f"{t.key}@{t.version}" for t in TALES]


@pytest.fixture(scope="session")
def setting() -> Setting:
    """The demo's units, with the shipped ladders and rules."""
    return Setting(units(), calendar(), ladders(), rules())


def test_every_shipped_version_has_a_story() -> None:
    shipped = [f"{p.parent.name}@{p.stem[1:]}" for p in (ROOT / "pathways").glob("*/v*.yaml")]

    assert sorted(shipped) == sorted(NAMED)


@pytest.mark.parametrize("tale", TALES, ids=NAMED)
def test_a_pathway_says_where_it_comes_from(tale: Told) -> None:
    definition = pathway(tale.key, tale.version)
    if (tale.key, tale.version) in (("generic-rehab", 1), ("stroke-rehab", 1)):
        assert definition.sources, "published before steps could say it"
        return

    assert definition.owned_by and definition.transcribed_by and definition.sources
    for step in definition.steps:
        assert step.origin and step.origin.document and step.origin.link, step.key
        assert step.guidance, step.key


@pytest.mark.parametrize("tale", TALES, ids=NAMED)
async def test_a_pathway_runs_to_its_end(world: World, setting: Setting, tale: Told) -> None:
    case = tale.case(datetime.now(UTC).date())

    played = await play(world, pathway(tale.key, tale.version), setting, case)

    assert played.simulation.ended == "closed"
    tale.seen(played.simulation)
    played.same_story()
    played.same_events()


async def test_the_shipped_addition_runs_to_its_end(world: World, setting: Setting) -> None:
    addition = Addition.model_validate(yaml.safe_load(ADDITION.read_text("utf-8")))
    composed = compose(pathway(), addition).definition
    assert composed is not None

    played = await play(world, composed, setting, Case())

    ended = {s.key: s.state for s in played.simulation.state.steps.values()}
    assert {ended[k] for k in ("home_visit", "team_meeting", "follow_up_3m")} == {StepState.DONE}
    played.same_story()
    played.same_events()


def test_a_plan_before_the_second_visit_is_made_with_a_reason(setting: Setting) -> None:
    case = Case(unit=WARD, leaves_after=5, early={"plan": "Patienten reser i morgon."})

    played = simulate(pathway("vasterbotten-ortopedi"), setting, case)

    plan = next(c for c in things(played.log, ev.StepCompleted) if c.step == "1.plan")
    assert plan.early_reason == "Patienten reser i morgon."
    assert played.state.deviations == 1


def test_who_walks_far_enough_gets_no_training_and_who_cannot_be_tested_is_judged(
    setting: Setting,
) -> None:
    far = simulate(pathway("copd-follow-up"), setting, Case(scores={"6mwt": 420}))
    definition = pathway("copd-follow-up")

    (step,) = (s for s in far.state.steps.values() if s.key == "intervention")
    assert step.state is StepState.NOT_NEEDED
    assert definition.step("intervention").when == "scores['6mwt'] < 350.0"  # type: ignore[union-attr]
    assert [c for c in things(far.log, ev.StepCompleted) if isinstance(c.content, Assessment)]
