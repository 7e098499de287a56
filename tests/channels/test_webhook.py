"""Webhooks to a real receiver: signed, ids alone, and never to where nobody may be called."""

import ssl
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from channels.webhook import Endpoint, Rules, WebhookChannel
from domain import endpoint
from domain.notice import Notice, TransportFailed
from domain.unit import ChannelKind
from runtime.embedded.processes import free_port
from tests.channels.receiver import Receiver, receiving
from tests.channels.test_mail import notice

NEW = "whsec_" + "bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LW5ldy0="
OLD = "whsec_" + "b2xkLW9sZC1vbGQtb2xkLW9sZC1vbGQtb2xkLW9sZC0="
LOOPBACK = endpoint.networks("127.0.0.0/8")


class Kept:
    """Endpoints by unit, in memory."""

    def __init__(self, url: str | None, *secrets: str) -> None:
        self.url = url
        self.secrets = secrets or (NEW,)

    async def endpoint(self, unit: str) -> Endpoint | None:
        """The one that there is."""
        return Endpoint(self.url, self.secrets) if self.url else None


class Names:
    """A name service that gives its answers one by one, and remembers who asked."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        """The next answer."""
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def opaque(name: str) -> str:
    """An id that says nothing."""
    return f"id{len(name)}"


def channel(kept: Kept, **rules: object) -> WebhookChannel:
    """A channel that may call this machine."""
    return WebhookChannel(kept, opaque, Rules(**{"allowed": LOOPBACK} | rules))  # type: ignore[arg-type]


def told() -> Notice:
    """A notice for a webhook."""
    return notice(address=None).model_copy(update={"channel": ChannelKind.WEBHOOK})


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver that listens."""
    async with receiving() as listening:
        yield listening


async def refused(sent: WebhookChannel) -> tuple[str, bool]:
    """The code of a failure, and whether it is final."""
    with pytest.raises(TransportFailed) as failure:
        await sent.send(told())
    return failure.value.code, failure.value.permanent


async def test_a_call_is_signed_and_says_ids_alone(receiver: Receiver) -> None:
    await channel(Kept(receiver.url)).send(told())

    (call,) = receiver.calls
    assert call.line == "POST /krok?a=1 HTTP/1.1"
    assert call.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert call.verified(NEW) == {
        "type": "handslag.notice",
        "timestamp": "2026-11-22T12:00:00+00:00",
        "data": {
            "notice": opaque(told().id),
            "kind": "reminder",
            "journey_id": "journey",
            "subject": "handover",
        },
    }


async def test_a_repetition_has_the_same_id_and_a_time_of_its_own(receiver: Receiver) -> None:
    for _ in range(2):
        await channel(Kept(receiver.url)).send(told())

    first, second = receiver.calls
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == opaque(told().id)
    assert "journey" not in first.headers["webhook-id"]
    sent = datetime.fromtimestamp(int(first.headers["webhook-timestamp"]), UTC)
    assert abs(datetime.now(UTC) - sent) < timedelta(minutes=1)


async def test_while_secrets_change_both_are_good(receiver: Receiver) -> None:
    await channel(Kept(receiver.url, NEW, OLD)).send(told())
    await channel(Kept(receiver.url, NEW)).send(told())

    rotating, after = receiver.calls
    assert len(rotating.headers["webhook-signature"].split(" ")) == 2
    assert rotating.is_signed_with(OLD) and rotating.is_signed_with(NEW)
    assert after.is_signed_with(NEW) and not after.is_signed_with(OLD)


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "202 Accepted", "204 No Content"])
async def test_every_yes_is_a_yes(receiver: Receiver, status: str) -> None:
    receiver.answers = [status]

    await channel(Kept(receiver.url)).send(told())

    assert len(receiver.calls) == 1


@pytest.mark.parametrize(
    ("status", "permanent"),
    [
        (400, True),
        (401, False),
        (403, False),
        (404, False),
        (405, True),
        (408, False),
        (410, True),
        (413, True),
        (422, True),
        (425, False),
        (429, False),
        (500, False),
        (502, False),
        (503, False),
        (599, False),
    ],
)
async def test_a_no_is_final_only_where_trying_cannot_help(
    receiver: Receiver, status: int, permanent: bool
) -> None:
    receiver.answers = [f"{status} No"]

    assert await refused(channel(Kept(receiver.url))) == (f"webhook_{status}", permanent)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(receiver: Receiver, status: int) -> None:
    receiver.answers = [f"{status} There\r\nLocation: {receiver.url}", "200 OK"]

    assert await refused(channel(Kept(receiver.url))) == ("webhook_redirects", True)
    assert len(receiver.calls) == 1


async def test_who_says_nothing_is_left_in_time_and_tried_again(receiver: Receiver) -> None:
    receiver.silent = True

    assert await refused(channel(Kept(receiver.url), seconds=0.2)) == ("webhook_slow", False)


async def test_an_answer_is_not_read_beyond_its_status(receiver: Receiver) -> None:
    receiver.answers = ["200 OK\r\nX-Long: 1\r\nContent-Length: 99999999999\r\n\r\nabc\r\nX: y"]

    await channel(Kept(receiver.url)).send(told())

    assert len(receiver.calls) == 1


async def test_what_does_not_speak_http_is_tried_again(receiver: Receiver) -> None:
    receiver.answers = ["nonsense\x00"]

    assert await refused(channel(Kept(receiver.url))) == ("webhook_unavailable", False)


async def test_nobody_at_home_is_tried_again() -> None:
    away = Kept(f"http://127.0.0.1:{free_port()}/")

    assert await refused(channel(away)) == ("webhook_unavailable", False)


async def test_a_unit_without_an_endpoint_cannot_be_told() -> None:
    assert await refused(channel(Kept(None))) == ("webhook_unknown", True)


class TestWhereToCall:
    """What may be called is judged by address, at each call anew."""

    @pytest.mark.parametrize(
        "inside",
        [
            "10.0.0.7",
            "127.0.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "::1",
            "fd00::1",
            "fe80::1%eth0",
            "::ffff:192.168.1.1",
            "64:ff9b::a00:1",
        ],
    )
    async def test_a_name_that_leads_inside_is_refused_for_good(self, inside: str) -> None:
        names = Names([inside])
        sent = channel(Kept("https://ut.example.org/"), allowed=(), resolve=names.resolve)

        assert await refused(sent) == ("webhook_private_address", True)

    async def test_one_answer_that_leads_inside_is_enough(self) -> None:
        names = Names(["9.9.9.9", "10.0.0.1"])
        sent = channel(Kept("https://ut.example.org/"), allowed=(), resolve=names.resolve)

        assert await refused(sent) == ("webhook_private_address", True)

    async def test_the_call_goes_to_the_address_that_was_judged(self, receiver: Receiver) -> None:
        names = Names(["127.0.0.1"], ["10.0.0.1"])
        kept = Kept(f"http://ut.example.org:{receiver.port}/krok")

        await channel(kept, resolve=names.resolve).send(told())

        assert names.asked == ["ut.example.org"]
        assert receiver.calls[0].headers["host"] == f"ut.example.org:{receiver.port}"

    async def test_a_second_address_is_tried_when_the_first_is_away(
        self, receiver: Receiver
    ) -> None:
        names = Names(["127.0.0.2", "127.0.0.1"])
        kept = Kept(f"http://ut.example.org:{receiver.port}/")

        await channel(kept, resolve=names.resolve).send(told())

        assert len(receiver.calls) == 1

    async def test_plain_http_is_for_allowed_networks_alone(self) -> None:
        names = Names(["9.9.9.9"])

        closed = channel(Kept("http://ut.example.org/"), allowed=(), resolve=names.resolve)
        opened = channel(Kept("http://ut.example.org/"), resolve=names.resolve)

        assert await refused(closed) == ("webhook_not_https", True)
        assert await refused(opened) == ("webhook_not_https", True)

    async def test_a_name_that_is_not_found_may_be_found_later(self) -> None:
        assert await refused(channel(Kept("https://finns-inte.invalid/"))) == (
            "webhook_name_not_found",
            False,
        )


class TestCertificates:
    """The certificate must be that of the name, though the call goes to an address."""

    async def test_the_name_is_checked_and_not_the_address(self, tmp_path: Path) -> None:
        ours, theirs = _certificates(tmp_path, "ut.example.org")
        names = Names(["127.0.0.1"])
        async with receiving(ours) as receiver:
            right = Kept(f"https://ut.example.org:{receiver.port}/")
            wrong = Kept(f"https://annan.example.org:{receiver.port}/")

            await channel(right, resolve=names.resolve, authorities=theirs).send(told())
            code = await refused(channel(wrong, resolve=names.resolve, authorities=theirs))
            unknown = await refused(channel(right, resolve=names.resolve))

        assert len(receiver.calls) == 1
        assert code == unknown == ("webhook_unavailable", False)


def _certificates(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context for a name, and one of a caller that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    public = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / "server.pem"
    path.write_bytes(private + public)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cadata=public.decode())


class TestPlainly:
    """What can be said of an address without asking anybody."""

    @pytest.mark.parametrize(
        ("url", "rule"),
        [
            ("https://", "not_an_address"),
            ("ftp://ut.example.org/", "not_an_address"),
            ("https://ut.example.org/#del", "not_an_address"),
            ("https://ut.example.org/a b", "not_an_address"),
            ("https://ut.example.org:0/", "not_an_address"),
            ("https://ut.example.org:99999/", "not_an_address"),
            ("https://exämpel.se/", "not_an_address"),
            ("https://[::1", "not_an_address"),
            ("https://2130706433/", "not_an_address"),
            ("https://127.1/", "not_an_address"),
            ("https://0x7f.0.0.0x1/", "not_an_address"),
            ("https://u:p@ut.example.org/", "has_credentials"),
            ("http://ut.example.org/", "not_https"),
            ("https://localhost/", "private_address"),
            ("https://localhost./", "private_address"),
            ("https://tjanst/", "private_address"),
            ("https://tjanst.internal/", "private_address"),
            ("https://10.1.2.3/", "private_address"),
            ("https://[::1]/", "private_address"),
            ("https://[::ffff:127.0.0.1]/", "private_address"),
        ],
    )
    def test_what_cannot_be_an_endpoint(self, url: str, rule: str) -> None:
        with pytest.raises(endpoint.Unfit, match=f"^{rule}$"):
            endpoint.target(url, ())

    def test_the_parts_of_one_that_can(self) -> None:
        found = endpoint.target("https://ut.example.org/krok?a=1&b=2", ())

        assert found == ("https", "ut.example.org", 443, "/krok?a=1&b=2")
        assert found.named == "ut.example.org"

    def test_a_network_that_is_allowed(self) -> None:
        allowed = endpoint.networks("10.0.0.0/8, fd00::/8")

        assert endpoint.target("http://10.1.2.3:8080", allowed).named == "10.1.2.3:8080"
        assert endpoint.target("https://[fd00::1]:8443/", allowed).named == "[fd00::1]:8443"
        assert endpoint.target("http://tjanst/", allowed).host == "tjanst"
        with pytest.raises(endpoint.Unfit):
            endpoint.target("https://192.168.0.1/", allowed)

    def test_what_is_no_network_is_not_repeated(self) -> None:
        with pytest.raises(ValueError, match=r"^not a list of networks$"):
            endpoint.networks("10.0.0.0/8,hemligt")

    @pytest.mark.parametrize("address", ["9.9.9.9", "2620:fe::fe", "64:ff9b::909:909"])
    def test_what_leads_out(self, address: str) -> None:
        assert endpoint.is_public(ip_address(address))

    @pytest.mark.parametrize("address", ["64:ff9b:1::909:909", "64:ff9b:1:ffff::1"])
    def test_a_translation_of_somebodys_own_leads_inside(self, address: str) -> None:
        assert not endpoint.is_public(ip_address(address))
