"""Where handovers wait or bounce: what became of those that were sent in a week."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain import command as cmd
from domain.call import PhoneCall
from domain.delay import Delay, DelayReason
from domain.handover import DeclineReason, Now, WithdrawReason
from domain.pathway import Purpose
from domain.profession import Profession
from domain.template import LegalBasis
from store import database, gaps
from tests import samples
from tests.samples import ALICE, BOB, BOBS_HOME_HELP, BOBS_TEAM, CHARLIE
from tests.store.book import Book, Json

HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)
BOTH = (ALICE, BOB)
ASSESSORS = "SE0000000000-TESTK1980BIST"
weeks: Iterator[int] = count(1)


class Week:
    """A week of its own, in which every book begins on Monday at nine."""

    def __init__(self, worker: AsyncEngine, api: AsyncEngine) -> None:
        self._worker, self._api = worker, api
        self.monday = samples.MONDAY + next(weeks) * WEEK

    async def planned(self) -> Book:
        """A journey with a plan."""
        book = Book(self._worker)
        book.now = self.monday
        return await book.plan()

    async def sent(self, step: str | None = "handover_rehab", **change: Any) -> tuple[Book, str]:
        """A journey whose rehab part has been sent, with a day to answer."""
        book = await self.planned()
        return book, await book.send(step=step, **change)

    async def flows(self, *by: str, units: tuple[str, ...] = BOTH, after: int = 48) -> list[Json]:
        """The figures of the week, as they were some hours after its beginning."""
        now = self.monday + after * HOUR
        async with database.reading(self._api, units, boards=units) as connection:
            return await gaps.flows(
                connection, units, self.monday, self.monday + WEEK, now, by or gaps.COLUMNS
            )


@pytest.fixture
def week(worker: AsyncEngine, api: AsyncEngine) -> Week:
    """A week in which nothing has been sent."""
    return Week(worker, api)


async def accept(book: Book, handover: str, after: int, by: str = BOB) -> None:
    """Let the receiver say yes after some hours."""
    await book.wait(after * HOUR)
    await book.write(cmd.Accept(handover_id=handover, takes_over=Now()), by)


async def test_every_outcome_is_counted_once_and_timed(week: Week) -> None:
    await accept(*await week.sent(), after=2)
    await accept(*await week.sent(), after=30)
    declined, handover = await week.sent()
    await declined.wait(4 * HOUR)
    no = cmd.Decline(
        handover_id=handover,
        reason=DeclineReason.NO_COMPETENCE,
        delay=Delay(reason=DelayReason.NO_COMPETENCE, profession=Profession.LOG),
    )
    await declined.write(no, BOB)
    withdrawn, handover = await week.sent()
    gone = cmd.Withdraw(handover_id=handover, reason=WithdrawReason.NO_LONGER_NEEDED)
    await withdrawn.write(gone)
    await week.sent()

    (flow,) = await week.flows()

    assert flow | {"median_hours": 0, "p90_hours": 0} == {
        "from_kind": "stroke_unit",
        "to_kind": "municipal_rehab",
        "pathway": "stroke-rehab",
        "sent": 5,
        "accepted": 2,
        "declined": 1,
        "passed_on": 0,
        "silent": 2,
        "withdrawn": 1,
        "proxied": 0,
        "disputed": 0,
        "median_hours": 0,
        "p90_hours": 0,
        "decline_reasons": ["no_competence"],
        "delay_reasons": ["no_competence"],
    }
    assert float(flow["median_hours"]) == pytest.approx(4)
    assert float(flow["p90_hours"]) == pytest.approx(24.8)


async def test_silence_begins_when_the_answer_is_due_and_stays_when_it_comes_late(
    week: Week,
) -> None:
    book, handover = await week.sent()

    before, after = await week.flows(after=23), await week.flows(after=25)
    await accept(book, handover, after=26)
    answered = await week.flows(after=27)

    assert [flow["silent"] for (flow,) in (before, after, answered)] == [0, 1, 1]
    assert [flow["median_hours"] is None for (flow,) in (before, after, answered)] == [
        *(True, True),
        False,
    ]


async def test_a_question_is_no_silence(week: Week) -> None:
    book, handover = await week.sent()
    await book.wait(2 * HOUR)
    await book.write(cmd.Ask(handover_id=handover, question="?"), BOB)
    await book.wait(30 * HOUR)

    asked = await week.flows()
    await accept(book, handover, after=1)
    answered = await week.flows()

    assert [flow["silent"] for (flow,) in (asked, answered)] == [0, 0]
    assert float(answered[0]["median_hours"]) == pytest.approx(33)


async def test_silence_before_a_question_stays_silence(week: Week) -> None:
    book, handover = await week.sent()
    await book.wait(26 * HOUR)
    await book.write(cmd.Ask(handover_id=handover, question="?"), BOB)

    (flow,) = await week.flows()

    assert flow["silent"] == 1


async def test_what_was_passed_on_counts_for_the_kind_that_got_it_first(week: Week) -> None:
    book, handover = await week.sent(to=BOBS_HOME_HELP, part="home_help", step=None)
    to = samples.unit(ASSESSORS)
    await book.write(cmd.Redirect(handover_id=handover, to=to, reason="Beslut."), BOBS_HOME_HELP)
    await accept(book, handover, after=1, by=ASSESSORS)

    (flow,) = await week.flows()

    assert (to.kind, flow["to_kind"], flow["passed_on"]) == ("care_assessment", "home_help", 1)
    assert (flow["accepted"], flow["silent"]) == (1, 0)


async def test_an_answer_by_telephone_was_given_when_it_was_said(week: Week) -> None:
    book, receiver = await week.planned(), samples.unit(samples.UNCONNECTED)
    assert receiver.proxy_owner is not None
    sent = samples.send(receiver, handover_id=book.id, step="handover_rehab")
    caller = samples.unit(receiver.proxy_owner)
    await book.write(sent.model_copy(update={"stand_ins": (caller,)}))
    await book.wait(6 * HOUR)
    call = PhoneCall(
        name="Testperson", function="inbox", number="010-000 00 00", at=book.now - 3 * HOUR
    )
    await book.write(cmd.Accept(handover_id=book.id, takes_over=Now(), call=call))

    (flow,) = await week.flows()

    assert (flow["proxied"], flow["accepted"]) == (1, 1)
    assert float(flow["median_hours"]) == pytest.approx(3)


async def test_a_disputed_no_is_counted_and_its_first_answer_is_the_no(week: Week) -> None:
    book, handover = await week.sent()
    await book.wait(3 * HOUR)
    no = cmd.Decline(handover_id=handover, reason=DeclineReason.NOT_OURS_BY_AGREEMENT)
    await book.write(no, BOB)
    await book.write(cmd.Dispute(handover_id=handover, reason="Enligt avtalet."))
    await accept(book, handover, after=40)

    (flow,) = await week.flows()

    assert (flow["disputed"], flow["accepted"], flow["declined"]) == (1, 1, 0)
    assert (flow["silent"], flow["decline_reasons"]) == (0, None)
    assert float(flow["median_hours"]) == pytest.approx(3)


async def test_a_reason_for_delay_counts_where_nothing_was_declined(week: Week) -> None:
    book, handover = await week.sent()
    delay = Delay(reason=DelayReason.NO_CAPACITY, profession=Profession.AT)
    await book.write(cmd.Accept(handover_id=handover, takes_over=Now(), delay=delay), BOB)

    (flow,) = await week.flows()

    assert (flow["delay_reasons"], flow["decline_reasons"]) == (["no_capacity"], None)


async def test_what_only_informs_and_what_is_only_announced_are_not_counted(week: Week) -> None:
    book, _ = await week.sent(part="coordination", purpose=Purpose.INFORM, step=None)
    announced = cmd.Announce(
        handover_id=f"a-{book.id}",
        part="rehab",
        purpose=Purpose.TAKE_PART,
        to=samples.unit(BOB),
        estimated_at=book.now + 24 * HOUR,
        requested="Träning i hemmet.",
        legal_basis=LegalBasis.HARM_TEST,
    )
    await book.write(announced)

    assert await week.flows() == []


async def test_only_what_was_sent_in_the_period_is_counted(
    worker: AsyncEngine, api: AsyncEngine, week: Week
) -> None:
    await week.sent()
    following = Week(worker, api)

    assert await following.flows() == []
    assert len(await week.flows()) == 1


async def test_the_receivers_board_counts_what_it_sent_back_and_what_it_passed_on(
    week: Week,
) -> None:
    book, handover = await week.sent()
    no = cmd.Decline(handover_id=handover, reason=DeclineReason.NO_CAPACITY)
    await book.write(no, BOB)
    other, passed = await week.sent()
    to = cmd.Redirect(handover_id=passed, to=samples.unit(BOBS_TEAM), reason="Fel team")
    await other.write(to, BOB)

    (flow,) = await week.flows(units=(BOB,))
    outsiders = await week.flows(units=(CHARLIE,))

    assert (flow["sent"], flow["declined"], flow["passed_on"]) == (2, 1, 1)
    assert outsiders == []


async def test_figures_are_for_both_sides_and_for_nobody_else(week: Week) -> None:
    await accept(*await week.sent(), after=2)

    sides = [await week.flows(units=(unit,)) for unit in BOTH]

    assert [flow["sent"] for (flow,) in sides] == [1, 1]
    assert await week.flows(units=(CHARLIE,)) == []
    assert await week.flows(units=()) == []


async def test_flows_are_put_together_as_asked_most_first(week: Week) -> None:
    for _ in range(2):
        await week.sent()
    await week.sent(to=samples.HEALTH_CENTRE)

    by_receiver, by_pathway = await week.flows("to_kind"), await week.flows("pathway")

    found = [(flow["to_kind"], flow["sent"]) for flow in by_receiver]
    assert found == [("municipal_rehab", 2), ("health_centre_rehab", 1)]
    assert [(flow["pathway"], flow["sent"]) for flow in by_pathway] == [("stroke-rehab", 3)]
    assert "from_kind" not in by_pathway[0]
