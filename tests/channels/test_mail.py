"""Mail through a real SMTP server on loopback: delivered, refused for good, or tried again."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from channels.mail import MailChannel
from channels.texts import TEXTS
from domain.notice import Notice, NoticeKind, TransportFailed
from domain.unit import ChannelKind, Function
from runtime.embedded.processes import free_port


class Postbox:
    """An SMTP server's hands: remembers what came, and answers as it is told."""

    def __init__(self) -> None:
        self.answer = "250 OK"
        self.bodies: list[str] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take or refuse a message."""
        content = envelope.content
        assert isinstance(content, bytes)
        self.bodies.append(content.decode())
        return self.answer


@pytest.fixture
async def postbox() -> AsyncIterator[tuple[Postbox, MailChannel]]:
    """A real server, and a channel that speaks to it."""
    hands, port = Postbox(), free_port()
    controller = Controller(hands, hostname="127.0.0.1", port=port)
    controller.start()
    channel = MailChannel(
        "127.0.0.1", port, "handslag@example.invalid", "http://127.0.0.1", starttls=False
    )
    try:
        yield hands, channel
    finally:
        controller.stop()


def notice(address: str | None = "chef@example.invalid") -> Notice:
    """A notice to a manager."""
    return Notice(
        id="journey:7:0:mail",
        journey_id="journey",
        seq=7,
        kind=NoticeKind.REMINDER,
        unit="SE0000000000-TESTK1980REH",
        function=Function.MANAGER,
        channel=ChannelKind.MAIL,
        address=address,
        subject="handover",
        at=datetime(2026, 11, 22, 12, tzinfo=UTC),
    )


async def test_a_mail_says_that_something_waits(postbox: tuple[Postbox, MailChannel]) -> None:
    hands, channel = postbox

    await channel.send(notice())

    assert "Message-ID: <journey.7.0.mail@handslag.invalid>" in hands.bodies[0]


async def test_a_refusal_for_good_is_not_tried_again(postbox: tuple[Postbox, MailChannel]) -> None:
    hands, channel = postbox
    hands.answer = "550 No such function here"

    with pytest.raises(TransportFailed) as failure:
        await channel.send(notice())

    assert (failure.value.code, failure.value.permanent) == ("smtp_550", True)


async def test_a_refusal_for_now_is_tried_again(postbox: tuple[Postbox, MailChannel]) -> None:
    hands, channel = postbox
    hands.answer = "451 Later"

    with pytest.raises(TransportFailed) as failure:
        await channel.send(notice())

    assert (failure.value.code, failure.value.permanent) == ("smtp_451", False)


@pytest.mark.parametrize(
    "address", ["åsa@example.se", "a@örebro.se", "a@b.se\nc", "a@b.se\x00", "a@b@", "("]
)
async def test_an_address_that_nobody_takes_is_not_tried_for_days(address: str) -> None:
    """Addresses of today are checked when they are given; a kept one may be older."""
    hands, port = Postbox(), free_port()
    server = Controller(hands, hostname="127.0.0.1", port=port, enable_SMTPUTF8=False)
    channel = MailChannel("127.0.0.1", port, "a@example.invalid", "http://x", starttls=False)
    server.start()
    try:
        with pytest.raises(TransportFailed) as failure:
            await channel.send(notice(address))
    finally:
        server.stop()

    assert (failure.value.code, failure.value.permanent) == ("smtp_address", True)
    assert hands.bodies == []


async def test_a_server_that_is_away_is_tried_again() -> None:
    channel = MailChannel(
        "127.0.0.1", free_port(), "handslag@example.invalid", "http://127.0.0.1", starttls=False
    )

    with pytest.raises(TransportFailed) as failure:
        await channel.send(notice())

    assert (failure.value.code, failure.value.permanent) == ("smtp_unavailable", False)


async def test_a_function_without_an_address_cannot_be_mailed() -> None:
    channel = MailChannel("127.0.0.1", 25, "a@example.invalid", "http://x", starttls=False)

    with pytest.raises(TransportFailed) as failure:
        await channel.send(notice(address=None))

    assert failure.value.permanent


async def test_a_digest_counts_each_kind_and_holds_nothing_else(
    postbox: tuple[Postbox, MailChannel],
) -> None:
    hands, channel = postbox
    arrived = notice().model_copy(update={"kind": NoticeKind.HANDOVER_ARRIVED})

    await channel.send_digest([notice(), arrived, arrived.model_copy(update={"seq": 9})])

    message = message_from_bytes(hands.bodies[0].encode(), policy=default)
    body = message.get_body()
    assert body is not None
    lines = body.get_content().splitlines()
    assert message["Subject"] == "Handslag: 3 meddelanden väntar på er."
    assert message["Message-ID"] == "<digest.journey.7.0.mail@handslag.invalid>"
    assert lines[:7] == [
        "3 meddelanden väntar på er.",
        "1 × En tidsgräns närmar sig eller har passerat.",
        "2 × En överlämning har kommit till er enhet.",
        "",
        "3 messages are waiting for you.",
        "1 × A deadline is near or has passed.",
        "2 × A handover has arrived at your unit.",
    ]


async def test_a_digest_is_refused_like_any_mail(postbox: tuple[Postbox, MailChannel]) -> None:
    hands, channel = postbox
    hands.answer = "550 No such function here"

    with pytest.raises(TransportFailed) as failure:
        await channel.send_digest([notice(), notice()])

    assert (failure.value.code, failure.value.permanent) == ("smtp_550", True)


def test_every_kind_of_notice_has_its_texts() -> None:
    assert set(TEXTS) == set(NoticeKind)
