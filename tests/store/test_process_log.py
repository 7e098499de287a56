"""What real journeys have done, read from the store and written out for process mining."""

from domain.design.conformance import conformance
from domain.design.ocel import export
from store.process_log import logs
from tests.samples import pathway
from tests.stories import journeys as tale
from tests.world import World


async def test_a_journeys_log_is_exported_and_measured_and_names_nobody(world: World) -> None:
    journey, _ = await tale.sent(world)

    async with world.owner.connect() as connection:
        name = (await world.caller(tale.SENDER).get(f"/journeys/{journey}"))["pathway"]
        found = [pair async for pair in logs(connection, (name,))]
    log = export(found)

    assert journey in {i for i, _ in found}
    assert {o["type"] for o in log["objects"]} >= {"journey", "step", "handover", "unit"}
    text = str(log)
    assert "Testpatient" not in text and "trappan" not in text
    key, _, version = name.partition("@")
    measured = conformance(pathway(key, int(version)), log)
    assert measured.journeys >= 1
