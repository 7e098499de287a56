"""Who is calling: bearer tokens, checked against the issuer's published keys."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import httpx
import jwt
import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

ALGORITHMS = ("ES256", "RS256", "EdDSA")
LEEWAY_SECONDS = 30
FRESH_SECONDS = 300.0
RELOAD_PAUSE_SECONDS = 10.0

RefusalCode = Literal["token_missing", "token_expired", "token_invalid"]

log = structlog.get_logger(__name__)


class TokenRefused(Exception):
    """The caller is not who the token would say. Carries a code, never the token."""

    def __init__(self, code: RefusalCode) -> None:
        super().__init__(code)
        self.code: RefusalCode = code


class KeysUnavailable(Exception):
    """The issuer's keys cannot be read, so no token can be judged now."""


class Claims(BaseModel):
    """What a checked token says about its bearer."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    sub: str
    name: str
    unit: str
    roles: tuple[str, ...]


class KeySet:
    """An issuer's public keys, from a file or a URL, remembered for five minutes.

    An unknown key id makes it read again, but at most every ten seconds: nobody can make us
    hammer the issuer with invented ids.
    """

    def __init__(self, source: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._source = source
        self._clock = clock
        self._keys: dict[str, jwt.PyJWK] = {}
        self._read_at: float | None = None
        self._tried_at: float | None = None
        self._reading = asyncio.Lock()

    async def key(self, kid: str) -> jwt.PyJWK:
        """The key of that id. Raises TokenRefused when there is none, KeysUnavailable."""
        if self._stale() or kid not in self._keys:
            await self._reload(kid)
        if self._read_at is None:
            raise KeysUnavailable("the token issuer's keys cannot be read")
        if kid not in self._keys:
            raise TokenRefused("token_invalid")
        return self._keys[kid]

    def _stale(self) -> bool:
        return self._read_at is None or self._clock() - self._read_at >= FRESH_SECONDS

    def _just_tried(self) -> bool:
        tried_at = self._tried_at
        return tried_at is not None and self._clock() - tried_at < RELOAD_PAUSE_SECONDS

    async def _reload(self, kid: str) -> None:
        async with self._reading:
            if self._just_tried() or (kid in self._keys and not self._stale()):
                return
            self._tried_at = self._clock()
            try:
                self._keys = _usable(await self._document())
            except (OSError, httpx.HTTPError, jwt.PyJWTError, ValueError) as error:
                # The keys we have go on being good while the issuer is away.
                log.warning("token_keys_unreadable", reason=type(error).__name__)
                return
            self._read_at = self._clock()

    async def _document(self) -> str:
        if not self._source.startswith(("https://", "http://")):
            return await asyncio.to_thread(Path(self._source).read_text, "utf-8")
        async with httpx.AsyncClient(timeout=5.0) as client:
            response = await client.get(self._source)
            return response.raise_for_status().text


class TokenChecker:
    """Turns a bearer token into claims, or refuses it."""

    def __init__(self, keys: KeySet, issuer: str, audience: str) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience

    async def check(self, token: str | None) -> Claims:
        """The bearer's claims. Raises TokenRefused, KeysUnavailable."""
        if not token:
            raise TokenRefused("token_missing")
        try:
            key = await self._keys.key(_key_id(token))
            return Claims.model_validate(self._decoded(token, key))
        except jwt.ExpiredSignatureError:
            raise TokenRefused("token_expired") from None
        except (jwt.PyJWTError, ValidationError, UnicodeError):
            raise TokenRefused("token_invalid") from None

    def _decoded(self, token: str, key: jwt.PyJWK) -> dict[str, object]:
        return jwt.decode(
            token,
            key,
            algorithms=list(ALGORITHMS),
            issuer=self._issuer,
            audience=self._audience,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )


def _key_id(token: str) -> str:
    header = jwt.get_unverified_header(token)
    kid = header.get("kid")
    if header.get("alg") not in ALGORITHMS or not isinstance(kid, str):
        raise TokenRefused("token_invalid")
    return kid


def _usable(document: str) -> dict[str, jwt.PyJWK]:
    keys = jwt.PyJWKSet.from_json(document).keys
    return {key.key_id: key for key in keys if key.key_id and key.algorithm_name in ALGORITHMS}
