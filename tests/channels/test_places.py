"""A silent endpoint, or a silent name service, holds up its own and nobody else."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence

import pytest

from channels.address import LOOK_UPS, LookUps
from channels.places import AT_ONCE, Places
from domain.notice import TransportFailed
from tests.channels.receiver import Receiver, receiving
from tests.channels.test_webhook import Kept, channel, refused, told
from tests.world import until


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver that listens."""
    async with receiving() as listening:
        yield listening


async def test_a_silent_host_is_called_by_few_and_the_others_do_not_wait(
    receiver: Receiver,
) -> None:
    receiver.silent = True
    sending = channel(Kept(receiver.url), places=Places(seconds=0.1), seconds=1.0)
    silent = [asyncio.create_task(sending.send(told())) for _ in range(AT_ONCE)]
    await until(lambda: len(receiver.calls) == AT_ONCE)

    codes = [await refused(sending) for _ in range(3)]

    assert codes == [("webhook_busy", False)] * 3
    assert len(receiver.calls) == AT_ONCE
    ends = await asyncio.gather(*silent, return_exceptions=True)
    assert {e.code for e in ends if isinstance(e, TransportFailed)} == {"webhook_slow"}


async def test_a_host_that_answers_takes_many_one_after_the_other(receiver: Receiver) -> None:
    sending = channel(Kept(receiver.url))

    await asyncio.gather(*(sending.send(told()) for _ in range(20)))

    assert len(receiver.calls) == 20


async def test_one_host_takes_no_place_of_another(receiver: Receiver) -> None:
    places = Places(seconds=0.05)

    async with places.at("a"), places.at("a"):
        with pytest.raises(TransportFailed, match="webhook_busy"):
            async with places.at("a"):
                pass
        async with places.at("b"):
            pass
    async with places.at("a"), places.at("a"):
        pass

    assert places._hosts == {}


class Silence:
    """A name service that says nothing until it is let go."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.go_on = threading.Event()

    def __call__(self, host: str, port: int) -> Sequence[str]:
        """Say nothing."""
        self.asked.append(host)
        self.go_on.wait(10)
        return ["192.0.2.1"]


async def test_names_that_are_not_answered_hold_up_nothing_but_a_few_threads() -> None:
    silence = Silence()
    look_up = LookUps(silence, seconds=0.1)
    names = [f"n{i}.example.org" for i in range(LOOK_UPS + 2)]
    try:
        ends = await asyncio.gather(*(look_up(n, 443) for n in names), return_exceptions=True)
        again = await asyncio.gather(look_up(names[0], 443), return_exceptions=True)
        here = await asyncio.get_running_loop().getaddrinfo("localhost", 80)
    finally:
        silence.go_on.set()

    codes = {e.code for e in (*ends, *again) if isinstance(e, TransportFailed)}
    assert codes == {"webhook_unresolved"}
    assert silence.asked == names[:LOOK_UPS], "nobody waits for a thread, or asks twice"
    assert here
    await until(lambda: not look_up._asked)
    assert await look_up(names[-1], 443) == ["192.0.2.1"]


async def test_a_name_is_asked_for_once_by_many() -> None:
    silence = Silence()
    look_up = LookUps(silence)

    waiting = [asyncio.create_task(look_up("a.example.org", 443)) for _ in range(10)]
    await until(lambda: silence.asked)
    silence.go_on.set()

    assert await asyncio.gather(*waiting) == [["192.0.2.1"]] * 10
    assert silence.asked == ["a.example.org"]
