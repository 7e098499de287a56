"""A delivery tries, gives up for good where trying cannot help, and never tells twice."""

from datetime import timedelta

from temporalio.worker import Worker

from activities.delivery import DeliveryActivities
from domain.notice import Notice, TransportFailed
from domain.unit import ChannelKind
from tests.channels.test_mail import notice
from tests.world import World
from workflows.delivery import DeliveryWorkflow


class Book:
    """A notice book that remembers."""

    def __init__(self) -> None:
        self.log: list[str] = []

    async def begin_attempt(self, notice_id: str) -> Notice | None:
        """Note the attempt."""
        self.log.append("attempt")
        return None if "delivered" in self.log else notice()

    async def delivered(self, notice_id: str) -> None:
        """Note the delivery."""
        self.log.append("delivered")

    async def failed(self, notice_id: str, error: str) -> None:
        """Note the failure."""
        self.log.append(f"failed {error}")

    async def buried(self, notice_id: str, error: str) -> None:
        """Note the end."""
        self.log.append(f"buried {error}")


class Channel:
    """A channel that fails as it is told, one answer an attempt."""

    def __init__(self, *answers: TransportFailed | None) -> None:
        self.answers = list(answers)

    async def send(self, given: Notice) -> None:
        """Fail or deliver."""
        answer = self.answers.pop(0)
        if answer:
            raise answer


async def deliver(world: World, book: Book, channel: Channel, name: str) -> None:
    """Run one delivery on the real server, with a worker of its own."""
    hands = DeliveryActivities(book, {ChannelKind.MAIL: channel})
    async with Worker(
        world.client,
        task_queue=name,
        workflows=[DeliveryWorkflow],
        activities=[hands.deliver, hands.bury],
    ):
        handle = await world.client.start_workflow(
            DeliveryWorkflow.run, "n-1", id=f"delivery-{name}", task_queue=name
        )
        await world.skip(handle, timedelta(hours=1))
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
