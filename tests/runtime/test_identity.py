"""Tokens, checked against keys that really are fetched."""

import base64
import hmac
import json
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from runtime.identity import KeySet, KeysUnavailable, TokenChecker, TokenRefused
from runtime.issuer import EmbeddedIssuer
from runtime.settings import Settings, SettingsError

ALICE = ("alice", "Alice", "SE-UNIT-A", ["coordinator"])


class KeyServer(HTTPServer):
    """Publishes one document over HTTP and counts how often it was asked for."""

    def __init__(self, document: str) -> None:
        self.document = document
        self.asked = 0
        super().__init__(("127.0.0.1", 0), _Answer)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/jwks.json"


class _Answer(BaseHTTPRequestHandler):
    server: KeyServer

    def do_GET(self) -> None:
        self.server.asked += 1
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.document.encode())

    def log_message(self, format: str, *args: Any) -> None:
        return


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def settings_in(home: Path) -> Settings:
    return Settings(mode="embedded", home=home)


@pytest.fixture
def issuer(tmp_path: Path) -> EmbeddedIssuer:
    return EmbeddedIssuer(settings_in(tmp_path))


@pytest.fixture
def checker(issuer: EmbeddedIssuer) -> TokenChecker:
    return TokenChecker(KeySet(str(issuer.jwks_path)), "handslag-embedded", "handslag")


@pytest.fixture
def key_server(issuer: EmbeddedIssuer) -> Iterator[KeyServer]:
    server = KeyServer(issuer.jwks_path.read_text())
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def signed(issuer: EmbeddedIssuer, changes: Mapping[str, object], drop: str = "") -> str:
    """One of Alice's tokens with other claims, signed with the issuer's real key."""
    token = issuer.token(*ALICE)
    claims = {**jwt.decode(token, options={"verify_signature": False}), **changes}
    claims.pop(drop, None)
    key = (issuer.jwks_path.parent / "key.pem").read_text()
    return jwt.encode(claims, key, "ES256", headers=jwt.get_unverified_header(token))


async def refusal(checker: TokenChecker, token: str | None) -> str:
    with pytest.raises(TokenRefused) as refused:
        await checker.check(token)
    assert str(refused.value) == refused.value.code
    return refused.value.code


async def test_a_good_token_says_who_is_calling(
    checker: TokenChecker, issuer: EmbeddedIssuer
) -> None:
    claims = await checker.check(issuer.token(*ALICE))
    assert (claims.sub, claims.unit, claims.roles) == ("alice", "SE-UNIT-A", ("coordinator",))


async def test_keys_are_fetched_over_http_once(
    issuer: EmbeddedIssuer, key_server: KeyServer
) -> None:
    checker = TokenChecker(KeySet(key_server.url), "handslag-embedded", "handslag")
    for _ in range(3):
        assert (await checker.check(issuer.token(*ALICE))).name == "Alice"
    assert key_server.asked == 1


async def test_no_token_is_its_own_refusal(checker: TokenChecker) -> None:
    assert await refusal(checker, None) == "token_missing"
    assert await refusal(checker, "") == "token_missing"


async def test_an_expired_token_is_refused_after_the_leeway(
    checker: TokenChecker, issuer: EmbeddedIssuer
) -> None:
    just = issuer.token(*ALICE, lifetime=timedelta(seconds=-10))
    assert (await checker.check(just)).sub == "alice"
    long_ago = issuer.token(*ALICE, lifetime=timedelta(minutes=-5))
    assert await refusal(checker, long_ago) == "token_expired"


@pytest.mark.parametrize(
    "change", [{"aud": "another"}, {"iss": "another"}, {"roles": "coordinator"}, {"unit": 7}]
)
async def test_a_claim_that_is_not_ours_is_refused(
    checker: TokenChecker, issuer: EmbeddedIssuer, change: dict[str, object]
) -> None:
    assert await refusal(checker, signed(issuer, change)) == "token_invalid"


@pytest.mark.parametrize("claim", ["exp", "iat", "iss", "aud", "sub", "unit", "roles", "name"])
async def test_no_claim_may_be_left_out(
    checker: TokenChecker, issuer: EmbeddedIssuer, claim: str
) -> None:
    assert await refusal(checker, signed(issuer, {}, drop=claim)) == "token_invalid"


async def test_a_token_from_the_future_is_refused(
    checker: TokenChecker, issuer: EmbeddedIssuer
) -> None:
    later = datetime.now(UTC) + timedelta(minutes=5)
    assert await refusal(checker, signed(issuer, {"iat": later})) == "token_invalid"


async def test_unsigned_tokens_are_refused(checker: TokenChecker, issuer: EmbeddedIssuer) -> None:
    header = jwt.get_unverified_header(issuer.token(*ALICE))
    claims = jwt.decode(issuer.token(*ALICE), options={"verify_signature": False})
    unsigned = jwt.encode(claims, "", "none", headers={"kid": header["kid"]})
    assert await refusal(checker, unsigned) == "token_invalid"


async def test_the_public_key_is_no_shared_secret(
    checker: TokenChecker, issuer: EmbeddedIssuer
) -> None:
    header = jwt.get_unverified_header(issuer.token(*ALICE))
    claims = jwt.decode(issuer.token(*ALICE), options={"verify_signature": False})
    # Signed by hand: the library would not even help with the forgery.
    head = _segment({"alg": "HS256", "typ": "JWT", "kid": header["kid"]})
    signing_input = f"{head}.{_segment(claims)}"
    mac = hmac.new(_public_pem(issuer), signing_input.encode(), "sha256").digest()
    confused = f"{signing_input}.{_base64(mac)}"
    assert await refusal(checker, confused) == "token_invalid"


@pytest.mark.parametrize("token", ["x", "a.b.c", "ö.ö.ö", "..", "eyJhbGciOiJFUzI1NiJ9.e30.AA"])
async def test_nonsense_is_refused(checker: TokenChecker, token: str) -> None:
    assert await refusal(checker, token) == "token_invalid"


async def test_another_issuers_signature_under_our_key_id_is_refused(
    checker: TokenChecker, issuer: EmbeddedIssuer, tmp_path: Path
) -> None:
    stranger = EmbeddedIssuer(settings_in(tmp_path / "stranger"))
    claims = jwt.decode(issuer.token(*ALICE), options={"verify_signature": False})
    key = (stranger.jwks_path.parent / "key.pem").read_text()
    kid = jwt.get_unverified_header(issuer.token(*ALICE))["kid"]
    forged = jwt.encode(claims, key, "ES256", headers={"kid": kid})
    assert await refusal(checker, forged) == "token_invalid"


async def test_unknown_key_ids_do_not_hammer_the_issuer(
    issuer: EmbeddedIssuer, key_server: KeyServer, tmp_path: Path
) -> None:
    clock = Clock()
    keys = KeySet(key_server.url, clock=clock)
    checker = TokenChecker(keys, "handslag-embedded", "handslag")
    newcomer = EmbeddedIssuer(settings_in(tmp_path / "newcomer"))
    token = newcomer.token(*ALICE)
    for _ in range(5):
        assert await refusal(checker, token) == "token_invalid"
    assert key_server.asked == 1
    both = [*_keys(issuer), *_keys(newcomer)]
    key_server.document = json.dumps({"keys": both})
    clock.now = 11
    assert (await checker.check(token)).sub == "alice"
    assert key_server.asked == 2


async def test_keys_outlive_an_issuer_that_is_away(
    issuer: EmbeddedIssuer, key_server: KeyServer
) -> None:
    clock = Clock()
    checker = TokenChecker(KeySet(key_server.url, clock=clock), "handslag-embedded", "handslag")
    await checker.check(issuer.token(*ALICE))
    key_server.document = "out of order"
    clock.now = 301
    assert (await checker.check(issuer.token(*ALICE))).sub == "alice"
    assert key_server.asked == 2


async def test_without_any_keys_no_token_is_judged(issuer: EmbeddedIssuer, tmp_path: Path) -> None:
    checker = TokenChecker(KeySet(str(tmp_path / "none.json")), "handslag-embedded", "handslag")
    with pytest.raises(KeysUnavailable):
        await checker.check(issuer.token(*ALICE))


def test_nobody_vouches_for_callers_in_production(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="HANDSLAG_MODE=embedded"):
        EmbeddedIssuer(Settings(mode="production", home=tmp_path))
    assert list(tmp_path.iterdir()) == []


async def test_the_issuer_keeps_its_key(issuer: EmbeddedIssuer, checker: TokenChecker) -> None:
    again = EmbeddedIssuer(settings_in(issuer.jwks_path.parent.parent))
    assert (await checker.check(again.token(*ALICE))).sub == "alice"
    assert (issuer.jwks_path.parent / "key.pem").stat().st_mode & 0o777 == 0o600
    assert "d" not in _keys(issuer)[0]


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _segment(value: Mapping[str, object]) -> str:
    return _base64(json.dumps(value).encode())


def _public_pem(issuer: EmbeddedIssuer) -> bytes:
    pem = (issuer.jwks_path.parent / "key.pem").read_bytes()
    return (
        load_pem_private_key(pem, None)
        .public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )


def _keys(issuer: EmbeddedIssuer) -> list[dict[str, str]]:
    keys: list[dict[str, str]] = json.loads(issuer.jwks_path.read_text())["keys"]
    return keys
