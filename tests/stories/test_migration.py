"""Running journeys go over to a new version: shown, chosen, moved, told, and taken back."""

from typing import Any
from uuid import uuid4

from domain.calendar import Budget, Counting
from domain.design.publication import Published
from domain.effect import effect
from domain.event import MigrationUndone, PathwayMigrated
from domain.evolve import fold
from domain.pathway import Definition
from store import drafts
from tests.samples import pathway
from tests.stories import journeys as tale
from tests.stories.cast import Cast
from tests.world import Caller, Json, World, until

SHELF = 25.0
NOW = {"takes_over": {"when": "now"}}


def versions(key: str) -> tuple[Definition, Definition]:
    """A pathway like stroke rehab under a key of its own; the next has a meeting and less time."""
    first = pathway().model_copy(update={"key": key})
    given = first.model_dump(mode="json") | {"version": 2}
    for step in given["steps"]:
        if step["key"] == "assessment":
            step["due"]["budget"]["amount"] = 2
    due = {"budget": {"amount": 28, "counting": "calendar_days"}, "source": "chosen"}
    meeting = {
        "key": "team_meeting",
        "kind": "meeting",
        "label": {"sv": "Teammöte", "en": "Team meeting"},
        "part": "rehab",
        "after": ["handover_rehab"],
        "due": due,
    }
    given["steps"].insert(5, meeting)
    return first, Definition.model_validate(given)


async def published(world: World, *definitions: Definition) -> None:
    """In the catalogue, and known at the doors."""
    today = (await world.rows("SELECT current_date AS today"))[0]["today"]
    async with world.owner.begin() as connection:
        for one in definitions:
            await drafts.publish(connection, Published(definition=one, valid_from=today))

    async def known() -> bool:
        path = f"/pathways/{definitions[-1].key}/{definitions[-1].version}"
        return (await world.caller(tale.SENDER).http.get(path)).status_code == 200

    await until(known, within=SHELF)


async def state_is(caller: Caller, migration: str, *states: str) -> Json:
    """Wait until the migration is so far."""

    async def there() -> Json | None:
        found = await caller.get(f"/pathways/migrations/{migration}")
        return found if found["migration"]["state"] in states else None

    found: Json = await until(there)
    return found


async def test_journeys_are_shown_moved_just_so_and_taken_back(world: World, cast: Cast) -> None:
    key = f"moving-{uuid4().hex[:8]}"
    first, second = versions(key)
    await published(world, first)
    early = await tale.start(world, f"{key}@1")
    late = await tale.planned(world, f"{key}@1")
    sent = await world.caller(tale.SENDER).post(f"/journeys/{late}/handovers", tale.handover())
    await world.caller(tale.RECEIVER).post(f"/handovers/{sent['id']}/accept", NOW)
    left = await tale.start(world, f"{key}@1")
    await published(world, second)
    designer = cast.at("SE0000000000-TESTRVMSAM", "designer-1", ("designer",))

    asked = await designer.post(
        "/pathways/migrations",
        {"to": f"{key}@2", "choices": {"recompute": ["step:assessment"]}},
    )
    migration = asked["migration"]["id"]
    shown = await state_is(designer, migration, "shown")

    effects = {i["journey_id"]: i["effect"] for i in shown["items"]}
    assert set(effects) == {early, late, left}
    assert [s["clock"] for s in effects[early]["shifts"]] == ["step:assessment"]
    assert effects[early]["new_steps"] == [
        {"step": "team_meeting", "begins": "later", "within": None, "due_at": None}
    ]
    assert effects[late]["new_steps"][0]["begins"] == "at_migration"
    assert effects[late]["units"] == [tale.REHAB]
    assert (await world.state(early)).definition.version == 1, "nothing is done yet"

    before = {j: await world.state(j) for j in (early, late)}
    await designer.post(
        f"/pathways/migrations/{migration}/go-on", {"to": "move", "journeys": [early, late]}
    )
    moved = await state_is(designer, migration, "moved")

    outcomes = {i["journey_id"]: i["outcome"] for i in moved["items"]}
    assert outcomes == {early: "moved", late: "moved", left: "shown"}
    for journey, state in before.items():
        after = await world.state(journey)
        assert after.definition.version == 2
        done = effect(state, fold(await _since(world, journey, state.seq), state) or state)
        shown_then = next(i for i in shown["items"] if i["journey_id"] == journey)["effect"]
        assert done.model_dump(mode="json") == shown_then, "just what was shown"
    assert (await world.state(left)).definition.version == 1
    whole = await world.caller(tale.SENDER).get(f"/journeys/{early}")
    assert whole["pathway"] == f"{key}@2"
    told = await tale.told(world, late)
    assert ("pathway_migrated", tale.REHAB, "inbox") in told

    await designer.post(f"/pathways/migrations/{migration}/go-on", {"to": "undo"})
    undone = await state_is(designer, migration, "undone")

    assert {i["journey_id"]: i["outcome"] for i in undone["items"]} == {
        early: "undone",
        late: "undone",
        left: "shown",
    }
    back = await world.state(early)
    assert back.definition == first
    assert {c.id: c.due_at for c in back.running()} == {
        c.id: c.due_at for c in before[early].running()
    }
    kinds = [type(e.what) for e in await world.events(early)]
    assert kinds.count(PathwayMigrated) == kinds.count(MigrationUndone) == 1


async def _since(world: World, journey: str, seq: int) -> list[Any]:
    return [e for e in await world.events(journey) if e.seq > seq]


async def test_what_has_changed_since_it_was_shown_is_left_alone_and_said(
    world: World, cast: Cast
) -> None:
    key = f"moving-{uuid4().hex[:8]}"
    first, second = versions(key)
    await published(world, first)
    journey = await tale.start(world, f"{key}@1")
    await published(world, second)
    designer = cast.at("SE0000000000-TESTRVMSAM", "designer-1", ("designer",))
    asked = await designer.post(
        "/pathways/migrations",
        {"to": f"{key}@2", "choices": {"recompute": ["step:assessment"]}},
    )
    migration = asked["migration"]["id"]
    await state_is(designer, migration, "shown")

    await tale.complete(world, journey, "assessment", tale.ASSESSMENT)
    await designer.post(f"/pathways/migrations/{migration}/go-on", {"to": "move"})
    moved = await state_is(designer, migration, "moved")

    (item,) = moved["items"]
    assert (item["outcome"], item["refused"]) == ("refused", "migration_differs")
    assert (await world.state(journey)).definition.version == 1


async def test_words_are_heeded_in_their_time_and_by_designers_alone(
    world: World, cast: Cast
) -> None:
    key = f"moving-{uuid4().hex[:8]}"
    await published(world, *versions(key))
    designer = cast.at("SE0000000000-TESTRVMSAM", "designer-1", ("designer",))
    outsider = world.caller(tale.SENDER)

    refused = await outsider.refused("/pathways/migrations", {"to": f"{key}@2"})
    asked = await designer.post("/pathways/migrations", {"to": f"{key}@2"})
    path = f"/pathways/migrations/{asked['migration']['id']}/go-on"
    shown = await state_is(designer, asked["migration"]["id"], "shown")
    early = await designer.refused(path, {"to": "undo"})
    await designer.post(path, {"to": "abandon"})
    await state_is(designer, asked["migration"]["id"], "abandoned")
    ended = await designer.refused(path, {"to": "move"})

    assert refused["code"] == "role_not_enough"
    assert shown["items"] == [] and shown["counts"] == {}
    assert (early["code"], ended["code"]) == ("migration_not_there", "migration_not_there")


def test_the_sample_differs_in_what_the_stories_say() -> None:
    first, second = versions("x")

    assert first.step("assessment").due.budget == Budget(  # type: ignore[union-attr]
        amount=3, counting=Counting.CALENDAR_DAYS
    )
    assert second.step("team_meeting") is not None
