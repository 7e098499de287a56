"""A delivery tries, gives up for good where trying cannot help, and never tells twice."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from temporalio.worker import Worker

from activities.delivery import DeliveryActivities
from domain.delivery import Attempt
from domain.notice import Notice, TransportFailed
from domain.unit import ChannelKind
from tests.channels.test_mail import notice
from tests.world import World, until
from workflows.deliveries import Deliveries
from workflows.delivery import DeliveryWorkflow, outside_queue


class Book:
    """A notice book that remembers; one notice, or so many as one digest."""

    def __init__(self, notices: int = 1) -> None:
        self.log: list[str] = []
        self.notices = notices

    async def begin_attempt(self, notice_id: str, resent: int) -> Attempt | None:
        """Note the attempt."""
        self.log.append("attempt" if resent == 0 else f"attempt of sending {resent}")
        if "delivered" in self.log:
            return None
        number = sum(line.startswith("attempt") for line in self.log)
        return Attempt((notice(),) * self.notices, (number,) * self.notices)

    async def delivered(self, attempt: Attempt) -> None:
        """Note the delivery."""
        self.log.append("delivered")

    async def failed(self, attempt: Attempt, error: str) -> None:
        """Note the failure."""
        self.log.append(f"failed {error}")

    async def buried(self, notice_id: str, resent: int, error: str) -> None:
        """Note the end."""
        self.log.append(f"buried {error}")


class Channel:
    """A channel that fails as it is told, one answer an attempt."""

    def __init__(self, *answers: Exception | None) -> None:
        self.answers = list(answers)
        self.digests = 0

    async def send(self, given: Notice) -> None:
        """Fail or deliver."""
        answer = self.answers.pop(0)
        if answer:
            raise answer

    async def send_digest(self, given: Sequence[Notice]) -> None:
        """The same, for many."""
        self.digests += 1
        await self.send(given[0])


async def deliver(
    world: World,
    book: Book,
    channel: Channel,
    name: str,
    *,
    resent: int = 0,
    within: timedelta | None = None,
) -> None:
    """Run one delivery on the real server, with a worker of its own.

    What is tried again later comes `within` some time, which passes once the first attempt is over:
    an activity that goes on would be cut off by it.
    """
    hands = DeliveryActivities(book, {ChannelKind.MAIL: channel}, {ChannelKind.MAIL: channel})
    async with Worker(
        world.client,
        task_queue=name,
        workflows=[DeliveryWorkflow],
        activities=[hands.deliver, hands.bury],
    ):
        handle = await world.client.start_workflow(
            DeliveryWorkflow.run, args=["n-1", resent], id=f"delivery-{name}", task_queue=name
        )
        if within is not None:
            await until(lambda: len(book.log) > 1)
            await world.skip(handle, within)
        await handle.result()


async def test_a_delivery_is_tried_again_until_it_is_there(world: World) -> None:
    book = Book()
    busy = TransportFailed("smtp_451", permanent=False)

    await deliver(world, book, Channel(busy, None), "again")

    assert book.log == ["attempt", "failed smtp_451", "attempt", "delivered"]


async def test_a_delivery_refused_for_good_becomes_a_dead_letter(world: World) -> None:
    book = Book()
    gone = TransportFailed("smtp_550", permanent=True)

    await deliver(world, book, Channel(gone), "gone")

    assert book.log == ["attempt", "failed smtp_550", "buried gave_up"]


async def test_what_nobody_takes_for_days_becomes_a_dead_letter(world: World) -> None:
    book = Book()
    busy = [TransportFailed("webhook_503", permanent=False)] * 40

    await deliver(world, book, Channel(*busy), "days", within=timedelta(days=4))

    assert book.log.count("attempt") > 1
    assert book.log[-1] == "buried gave_up"


async def test_an_attempt_is_noted_before_a_worker_may_break(world: World) -> None:
    """What is no failure of the channel breaks an attempt off: its line stands."""
    book = Book()

    await deliver(world, book, Channel(RuntimeError("power"), None), "broken")

    assert book.log == ["attempt", "attempt", "delivered"]


async def test_a_digest_is_one_delivery_and_one_sending(world: World) -> None:
    book, channel = Book(notices=3), Channel(None)

    await deliver(world, book, channel, "digest")

    assert (book.log, channel.digests) == (["attempt", "delivered"], 1)


async def test_each_attempt_knows_which_sending_it_belongs_to(world: World) -> None:
    book = Book()
    gone = TransportFailed("smtp_550", permanent=True)

    await deliver(world, book, Channel(gone), "resent", resent=2)

    assert book.log == ["attempt of sending 2", "failed smtp_550", "buried gave_up"]


@asynccontextmanager
async def two_workers(
    world: World, book: Book, channel: Channel, queue: str
) -> AsyncIterator[None]:
    """Workers as the house has them: one with workflows, and one that alone goes outside."""
    outside = DeliveryActivities(book, {ChannelKind.MAIL: channel})
    inside = DeliveryActivities(book, {})
    journeys = Worker(
        world.client,
        task_queue=queue,
        workflows=[DeliveryWorkflow],
        activities=[inside.deliver, inside.bury],
    )
    deliveries = Worker(world.client, task_queue=outside_queue(queue), activities=[outside.deliver])
    async with journeys, deliveries:
        yield


def named(*parts: str) -> str:
    """A name that says everything."""
    return "-".join(parts)


@pytest.mark.parametrize("permanent", [False, True])
async def test_what_goes_outside_is_tried_by_the_worker_for_that_alone(
    world: World, permanent: bool
) -> None:
    book, queue = Book(), f"apart-{permanent}"
    failed = TransportFailed("smtp_550" if permanent else "smtp_451", permanent=permanent)
    deliveries = Deliveries(world.client, queue, named)

    async with two_workers(world, book, Channel(failed, None), queue):
        assert await deliveries.start(queue, 0, ChannelKind.MAIL)
        await world.client.get_workflow_handle(f"delivery-delivery-{queue}").result()

    end = ["buried gave_up"] if permanent else ["attempt", "delivered"]
    assert book.log == ["attempt", f"failed {failed.code}", *end]


async def test_a_delivery_that_was_broken_off_may_begin_again_and_one_that_ended_may_not(
    world: World,
) -> None:
    book, queue = Book(), "broken-off"
    deliveries = Deliveries(world.client, queue, named)
    handle = world.client.get_workflow_handle(f"delivery-delivery-{queue}")

    never = await deliveries.is_lost(queue, 0)
    assert await deliveries.start(queue, 0, ChannelKind.MAIL)
    running = await deliveries.is_lost(queue, 0)
    twice = await deliveries.start(queue, 0, ChannelKind.MAIL)
    await handle.terminate()
    broken = await deliveries.is_lost(queue, 0)
    async with two_workers(world, book, Channel(None), queue):
        again = await deliveries.start(queue, 0, ChannelKind.MAIL)
        await until(lambda: book.log == ["attempt", "delivered"])
        await handle.result()
    ended = await deliveries.is_lost(queue, 0)

    assert (never, running, twice, broken, again, ended) == (True, False, False, True, True, False)
    assert not await deliveries.start(queue, 0, ChannelKind.MAIL)
