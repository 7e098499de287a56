"""Records the histories that the replay test keeps: run after a deliberate change of the shell.

python -m tests.replay.record
"""

import asyncio
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

from tests.stories import journeys as tale
from tests.world import Servers, World, open_world

FOLDER = Path(__file__).parent
HISTORIES = FOLDER / "histories"
KEYRING = FOLDER / "keyring.json"


async def silence(world: World) -> str:
    """A receiver that stays silent for days, and accepts in the end."""
    journey, handover = await tale.sent(world)
    for hours in (13, 8, 4, 24, 48):
        await world.fast_forward(journey, timedelta(hours=hours))
    await world.caller(tale.RECEIVER).post(
        f"/handovers/{handover}/accept", {"takes_over": {"when": "now"}}
    )
    return journey


async def question(world: World) -> str:
    """A question, its answer, a redirect, and an acceptance for an instant."""
    journey, handover = await tale.sent(world)
    path = f"/handovers/{handover}"
    await world.caller(tale.RECEIVER).post(f"{path}/ask", {"question": "Vilken dag?"})
    await world.fast_forward(journey, timedelta(hours=3))
    await world.caller(tale.SENDER).post(f"{path}/answer", {"answer": "Fredag."})
    await world.caller(tale.RECEIVER).post(f"{path}/redirect", {"to": tale.IHR, "reason": "IHR"})
    at = await world.now(journey) + timedelta(hours=20)
    await world.caller("vasteras-ihr").post(
        f"{path}/accept", {"takes_over": {"when": "at", "at": at.isoformat()}}
    )
    await world.fast_forward(journey, timedelta(hours=21))
    return journey


async def no_need(world: World) -> str:
    """No need for rehabilitation: straight to follow-up, and closed."""
    journey = await tale.start(world, "generic-rehab")
    assessment = tale.ASSESSMENT | {"rehab_need": False, "need_level": "none"}
    await tale.complete(world, journey, "assessment", assessment)
    await world.caller(tale.SENDER).post(f"/journeys/{journey}/close", {"reason": "need_ceased"})
    return journey


STORIES = {"silence": silence, "question": question, "no_need": no_need}


async def record(servers: Servers) -> None:
    """Play each story and keep its history, sealed with the key beside it."""
    async with open_world(servers) as world:
        for name, play in STORIES.items():
            journey = await play(world)
            history = await world.handle(journey).fetch_history()
            (HISTORIES / f"{name}.json").write_text(history.to_json(), encoding="utf-8")


def main() -> None:
    """Record all."""
    HISTORIES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        shutil.copy(KEYRING, Path(home) / "keyring.json")
        servers = Servers(Path(home))
        try:
            servers.start()
            asyncio.run(record(servers))
        finally:
            servers.stop()


if __name__ == "__main__":
    main()
