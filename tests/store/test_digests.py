"""Mail to one address within the hour goes as one; what cannot wait never waits."""

import asyncio
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.delivery import DeliveryActivities
from channels.mail import MailChannel
from domain import command as cmd
from domain.delivery import NEVER_DIGESTED
from domain.notice import NoticeKind
from domain.unit import ChannelKind
from runtime.embedded.processes import free_port
from store.outbox import Outbox
from tests.channels.test_mail import Postbox
from tests.samples import ALICE, BOB
from tests.store.book import Book, Json, rows, run

HOUR = timedelta(hours=1)
MINE = "SELECT * FROM notice WHERE channel = 'mail' AND ordinal > {after} ORDER BY ordinal"


class Starts:
    """Remembers what was started."""

    def __init__(self, *, new: bool = True) -> None:
        self.ids: list[str] = []
        self.new = new

    async def start(self, notice_id: str, resent: int, channel: ChannelKind) -> bool:
        """Remember."""
        self.ids.append(notice_id)
        return self.new


class Post:
    """The outbox with digests, and the mail that a test has caused itself."""

    def __init__(self, worker: AsyncEngine, owner: AsyncEngine) -> None:
        self.worker, self.owner = worker, owner
        self.outbox = Outbox(worker, HOUR)
        self.after = 0

    async def settle(self) -> None:
        """Whatever earlier tests have left was sent long ago."""
        await run(self.owner, "UPDATE notice SET dispatched_at = now() - interval '2 days'")
        (newest,) = await rows(self.owner, "SELECT coalesce(max(ordinal), 0) AS n FROM notice")
        self.after = newest["n"]

    async def told(self, count: int = 1, to: str = BOB) -> list[str]:
        """So many handovers arrive at a unit; the mails about it."""
        before = {m["id"] for m in await self.mails()}
        for _ in range(count):
            await (await Book(self.worker).plan()).send(to)
        return [m["id"] for m in await self.mails() if m["id"] not in before]

    async def mails(self) -> list[Json]:
        """Every mail of this test, as it stands."""
        return await rows(self.owner, MINE.format(after=self.after))

    async def mail(self, notice_id: str) -> Json:
        """One of them."""
        return next(m for m in await self.mails() if m["id"] == notice_id)

    async def dispatched(self) -> list[str]:
        """What the relay starts now, of the mails."""
        starts = Starts()
        await self.outbox.dispatch(1000, starts.start)
        known = {m["id"] for m in await self.mails()}
        return [i for i in starts.ids if i in known]

    async def later(self, minutes: int) -> None:
        """As if time had passed since."""
        await self.change(
            f"dispatched_at = dispatched_at - interval '{minutes} minutes',"
            f" held_until = held_until - interval '{minutes} minutes'"
        )

    async def change(self, what: str, notice_id: str | None = None) -> None:
        """Change mails behind everybody's back."""
        where = f"id = '{notice_id}'" if notice_id else f"ordinal > {self.after}"
        await run(self.owner, f"UPDATE notice SET {what} WHERE {where}")

    async def digest(self) -> list[str]:
        """Three mails that have been gathered in one; the first leads."""
        await self.told()
        await self.dispatched()
        held = await self.told(3)
        await self.dispatched()
        await self.later(61)
        assert await self.dispatched() == held[:1]
        return held


@pytest.fixture
async def post(worker: AsyncEngine, owner: AsyncEngine) -> Post:
    """An outbox in which nothing of before counts."""
    found = Post(worker, owner)
    await found.settle()
    return found


async def test_the_first_goes_at_once_and_the_rest_of_the_hour_as_one(post: Post) -> None:
    first = await post.told()
    assert await post.dispatched() == first

    held = [*await post.told(), *await post.told(2)]
    assert await post.dispatched() == []
    (until,) = {(await post.mail(i))["held_until"] for i in held}
    assert until == (await post.mail(first[0]))["dispatched_at"] + HOUR

    await post.later(59)
    assert await post.dispatched() == []
    await post.later(2)
    assert await post.dispatched() == held[:1]
    assert {(await post.mail(i))["digest_of"] for i in held[1:]} == {held[0]}
    assert all([(await post.mail(i))["dispatched_at"] for i in held])


async def test_a_digest_opens_an_hour_of_its_own(post: Post) -> None:
    await post.digest()

    next_one = await post.told()
    assert await post.dispatched() == []
    await post.later(61)

    assert await post.dispatched() == next_one


async def test_after_a_quiet_hour_the_next_goes_at_once(post: Post) -> None:
    await post.told()
    await post.dispatched()
    await post.later(61)

    found = await post.told()

    assert await post.dispatched() == found


async def test_what_comes_at_the_same_moment_is_one_mail_already(post: Post) -> None:
    found = await post.told(3)

    assert await post.dispatched() == found[:1]


@pytest.mark.parametrize("kind", sorted(NEVER_DIGESTED))
async def test_what_cannot_wait_goes_alone_and_at_once(post: Post, kind: NoticeKind) -> None:
    await post.told()
    await post.dispatched()
    waiting, (urgent,) = await post.told(), await post.told()
    await post.change(f"kind = '{kind}'", urgent)

    assert await post.dispatched() == [urgent]
    assert (await post.mail(waiting[0]))["dispatched_at"] is None


async def test_an_alarm_holds_nothing_back(post: Post) -> None:
    (alarm,) = await post.told()
    await post.change("kind = 'alarm'", alarm)
    await post.dispatched()

    found = await post.told()

    assert await post.dispatched() == found


async def test_each_address_has_an_hour_of_its_own_and_inboxes_have_none(post: Post) -> None:
    await post.told()
    await post.dispatched()
    (other,) = await post.told()
    await post.change("address = 'annan@example.invalid'", other)

    assert await post.dispatched() == [other]
    inbox = "SELECT count(*) AS n FROM notice WHERE channel = 'inbox' AND dispatched_at IS NULL"
    assert await rows(post.owner, inbox) == [{"n": 0}]


async def test_what_may_not_be_told_yet_is_in_no_digest(post: Post) -> None:
    quiet, loud = await post.told(2)
    await post.change("not_before = now() + interval '9 hours'", quiet)

    assert await post.dispatched() == [loud]
    assert (await post.mail(quiet))["digest_of"] is None


async def test_two_relays_at_once_make_one_digest(post: Post) -> None:
    for _ in range(5):
        await post.told(4)
        one, two = Starts(), Starts()
        await asyncio.gather(
            post.outbox.dispatch(3, one.start), Outbox(post.worker, HOUR).dispatch(3, two.start)
        )
    mails = await post.mails()

    leaders = [m for m in mails if m["dispatched_at"] and m["digest_of"] is None]
    assert len(leaders) == 1, "the address got one mail within the hour"


async def test_a_delivery_that_has_begun_already_takes_nobody_along(post: Post) -> None:
    """A relay was cut off between the start and its commit; the delivery may be over."""
    found, cut_off = await post.told(3), Starts(new=False)

    await post.outbox.dispatch(1000, cut_off.start)

    gone = [i for i in found if (await post.mail(i))["dispatched_at"]]
    assert gone == found[:1]
    assert [(await post.mail(i))["digest_of"] for i in found] == [None] * 3
    await post.dispatched()
    await post.later(61)
    assert await post.dispatched() == found[1:2]


async def test_a_digest_reaches_the_mailbox_as_one_mail(post: Post) -> None:
    hands, port = Postbox(), free_port()
    mail = MailChannel("127.0.0.1", port, "a@example.invalid", "http://x", starttls=False)
    held = await post.digest()
    server = Controller(hands, hostname="127.0.0.1", port=port)
    server.start()
    try:
        digests = {ChannelKind.MAIL: mail}
        await DeliveryActivities(post.outbox, digests, digests).deliver(held[0])
    finally:
        server.stop()

    assert len(hands.bodies) == 1
    assert all([(await post.mail(i))["delivered_at"] for i in held])


async def test_without_a_window_nothing_is_gathered(post: Post) -> None:
    found, starts = await post.told(3), Starts()

    await Outbox(post.worker).dispatch(1000, starts.start)

    assert [i for i in starts.ids if i in found] == found


class TestOneDelivery:
    """A digest is attempted, delivered and buried as one."""

    async def test_all_are_attempted_and_delivered_together(self, post: Post) -> None:
        held = await post.digest()

        attempt = await post.outbox.begin_attempt(held[0], 0)
        assert attempt is not None
        assert attempt.rows == [(i, 1) for i in held]
        await post.outbox.delivered(attempt)

        assert all([(await post.mail(i))["delivered_at"] for i in held])
        ended = await rows(
            post.owner,
            "SELECT outcome FROM delivery_attempt WHERE notice_id = ANY (:ids)",
            ids=held,
        )
        assert ended == [{"outcome": "delivered"}] * 3

    async def test_what_fell_silent_is_left_out_and_the_rest_goes(self, post: Post) -> None:
        held = await post.digest()
        await post.change("silenced_at = now()", held[0])

        attempt = await post.outbox.begin_attempt(held[0], 0)
        assert attempt is not None
        await post.outbox.delivered(attempt)

        assert [n.id for n in attempt.notices] == held[1:]
        assert (await post.mail(held[0]))["delivered_at"] is None
        assert await post.outbox.begin_attempt(held[0], 0) is None

    async def test_a_failure_is_that_of_all_and_so_is_the_grave(self, post: Post) -> None:
        held = await post.digest()
        attempt = await post.outbox.begin_attempt(held[0], 0)
        assert attempt is not None

        await post.outbox.failed(attempt, "smtp_550")
        await post.outbox.buried(held[0], 0, "gave_up")

        found = [await post.mail(i) for i in held]
        assert {m["error"] for m in found} == {"smtp_550"}
        assert all(m["dead_at"] for m in found)

    async def test_the_first_attempt_sees_what_the_relay_is_about_to_commit(
        self, post: Post
    ) -> None:
        """A delivery may begin before the relay's transaction ends: it waits, and sees it all."""
        held = await post.told(3)
        begun = list[asyncio.Task[object]]()

        async def start(notice_id: str, resent: int, channel: ChannelKind) -> bool:
            if notice_id == held[0]:
                begun.append(asyncio.create_task(post.outbox.begin_attempt(notice_id, 0)))
                await asyncio.wait(begun, timeout=0.3)
            return True

        await post.outbox.dispatch(1000, start)
        attempt = await begun[0]

        assert attempt.rows == [(i, 1) for i in held]  # type: ignore[attr-defined]


class TestPutBack:
    """A dead letter is put back by a line in `resend`, and in no other way."""

    async def dead(self, post: Post) -> str:
        """A mail that nobody took."""
        (found,) = await post.told()
        await post.dispatched()
        await post.outbox.buried(found, 0, "gave_up")
        return found

    async def resend(self, post: Post, notice_id: str, number: int = 1) -> None:
        """The line."""
        await run(
            post.owner,
            "INSERT INTO resend (id, notice_id, number, at, by_subject, by_unit, body_hash)"
            f" VALUES ('{notice_id}-{number}', '{notice_id}', {number}, now(), 's', 'u', 'h')",
        )

    async def test_it_goes_at_once_whatever_the_hour(self, post: Post) -> None:
        await post.told()
        await post.dispatched()
        await post.later(61)
        dead = await self.dead(post)

        await self.resend(post, dead)

        assert await post.dispatched() == [dead]
        assert (await post.mail(dead))["resent"] == 1
        assert await post.outbox.begin_attempt(dead, 0) is None
        assert await post.outbox.begin_attempt(dead, 1) is not None

    async def test_one_of_a_digest_goes_alone(self, post: Post) -> None:
        held = await post.digest()
        await post.outbox.buried(held[0], 0, "gave_up")

        await self.resend(post, held[0])

        assert await post.dispatched() == held[:1]
        attempt = await post.outbox.begin_attempt(held[0], 1)
        assert attempt is not None and [n.id for n in attempt.notices] == held[:1]

    @pytest.mark.parametrize("what", ["delivered_at = now()", "silenced_at = now()", "resent = 7"])
    async def test_what_is_no_dead_letter_stays(self, post: Post, what: str) -> None:
        dead = await self.dead(post)
        await post.change(what, dead)

        with pytest.raises(Exception, match="only a dead letter is put back"):
            await self.resend(post, dead)

    async def test_after_a_protection_nothing_leaves_the_house(self, post: Post) -> None:
        dead = await self.dead(post)
        await run(
            post.owner,
            "UPDATE journey SET protection = 'secrecy_marking'"
            f" WHERE id = '{dead.partition(':')[0]}'",
        )

        with pytest.raises(Exception, match="only a dead letter is put back"):
            await self.resend(post, dead)


async def test_after_a_death_only_what_was_told_because_of_it_is_sent_again(post: Post) -> None:
    book = await Book(post.worker).plan()
    await book.send(BOB)
    await post.dispatched()
    (before,) = [m["id"] for m in await post.mails() if m["journey_id"] == book.id]
    await post.outbox.buried(before, 0, "gave_up")
    await book.write(cmd.RecordDeath(at=book.now), ALICE)
    hushed = "SELECT handslag_hushed('{id}') AS hushed"

    after = await rows(
        post.owner, "SELECT id FROM notice WHERE kind = 'patient_deceased' AND journey_id = :id",
        id=book.id,
    )  # fmt: skip

    assert await rows(post.owner, hushed.format(id=before)) == [{"hushed": True}]
    assert after
    assert await rows(post.owner, hushed.format(id=after[0]["id"])) == [{"hushed": False}]
