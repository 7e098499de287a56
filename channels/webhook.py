"""Webhooks by the Standard Webhooks specification: signed, and about ids alone.

Where the call goes was chosen by somebody else, and it is made from inside. So the name is
resolved here, each of its addresses must be public, and the connection goes to that very address:
a name that leads elsewhere a moment later (DNS rebinding) leads nowhere. Nothing that comes back
is read but the status.
"""

import asyncio
import json
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

import httpx
from standardwebhooks import Webhook

from channels.address import LookUps, Resolve, addresses
from channels.places import Places
from domain import endpoint
from domain.endpoint import Address, Network, Target
from domain.notice import Notice, TransportFailed

TYPE = "handslag.notice"
# With the wait for a place shorter than an attempt may take: no attempt is cut off half-way.
SECONDS = 6.0
CONNECT_SECONDS = 2.0
MOST_ADDRESSES = 3
# A receiver in the middle of a deploy or of a change of secrets answers these for a while.
PASSING = frozenset({401, 403, 404, 408, 425, 429})


class Endpoint(NamedTuple):
    """Where a unit wants its notices; the newest secret first, an older one while it is valid."""

    url: str
    secrets: tuple[str, ...]


class Endpoints(Protocol):
    """Where endpoints are kept."""

    async def endpoint(self, unit: str) -> Endpoint | None:
        """The endpoint of a unit, or None when it has none."""
        ...


@dataclass(frozen=True, slots=True)
class Rules:
    """How calls go out: which closed networks are allowed, who resolves names, who vouches."""

    allowed: Sequence[Network] = ()
    resolve: Resolve = field(default_factory=LookUps)
    places: Places = field(default_factory=Places)
    seconds: float = SECONDS
    authorities: ssl.SSLContext | None = None


class WebhookChannel:
    """Delivers to the endpoint of the notice's unit."""

    def __init__(
        self, endpoints: Endpoints, opaque: Callable[[str], str], rules: Rules | None = None
    ) -> None:
        """`opaque` gives an id that is the same each time and says nothing of the journey."""
        self._endpoints = endpoints
        self._opaque = opaque
        self._rules = rules or Rules()
        # Reading the authorities takes longer than the call.
        self._tls = self._rules.authorities or httpx.create_ssl_context(trust_env=False)

    async def send(self, notice: Notice) -> None:
        """Deliver. Raises `TransportFailed`; its codes begin with `webhook_`."""
        found = await self._endpoints.endpoint(notice.unit)
        if found is None:
            raise TransportFailed("webhook_unknown", permanent=True)
        body = self._body(notice)
        headers = self._headers(notice, body, found.secrets)
        to = self._target(found.url)
        async with self._rules.places.at(to.host):
            _judge(await self._status(to, body, headers))

    def _target(self, url: str) -> Target:
        try:
            return endpoint.target(url, self._rules.allowed)
        except endpoint.Unfit as unfit:
            raise TransportFailed(f"webhook_{unfit}", permanent=True) from unfit

    async def _status(self, to: Target, body: bytes, headers: dict[str, str]) -> int:
        try:
            async with asyncio.timeout(self._rules.seconds):
                return await self._post(to, body, headers)
        except TimeoutError as error:
            raise TransportFailed("webhook_slow", permanent=False) from error
        except (httpx.HTTPError, OSError) as error:
            raise TransportFailed("webhook_unavailable", permanent=False) from error

    def _body(self, notice: Notice) -> bytes:
        told = {
            "notice": self._opaque(notice.id),
            "kind": notice.kind,
            "journey_id": notice.journey_id,
            "subject": notice.subject,
        }
        whole = {"type": TYPE, "timestamp": notice.at.isoformat(), "data": told}
        return json.dumps(whole, separators=(",", ":")).encode()

    def _headers(self, notice: Notice, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
        """One signature for each secret that is valid, so that a receiver may change in peace."""
        name, now = self._opaque(notice.id), datetime.now(UTC)
        text = body.decode()
        signatures = [Webhook(s).sign(msg_id=name, timestamp=now, data=text) for s in secrets]
        return {
            "content-type": "application/json",
            "user-agent": "Handslag",
            "webhook-id": name,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signatures),
        }

    async def _post(self, to: Target, body: bytes, headers: dict[str, str]) -> int:
        """The status that the first address that can be reached answers with."""
        found = await addresses(to, self._rules.allowed, self._rules.resolve)
        limits = httpx.Timeout(self._rules.seconds, connect=CONNECT_SECONDS)
        # No proxy from the environment: it would resolve the name anew, and elsewhere.
        async with httpx.AsyncClient(verify=self._tls, trust_env=False, timeout=limits) as client:
            *first, last = found[:MOST_ADDRESSES]
            for address in first:
                with suppress(httpx.ConnectError, httpx.ConnectTimeout):
                    return await _ask(client, to, address, body, headers)
            return await _ask(client, to, last, body, headers)


async def _ask(
    client: httpx.AsyncClient, to: Target, address: Address, body: bytes, headers: dict[str, str]
) -> int:
    """One call to one address; the name is in the header and in the certificate's check."""
    host = f"[{address}]" if address.version == 6 else str(address)
    async with client.stream(
        "POST",
        f"{to.scheme}://{host}:{to.port}{to.path}",
        content=body,
        headers=headers | {"host": to.named},
        extensions={"sni_hostname": to.host},
        follow_redirects=False,
    ) as response:
        return response.status_code


def _judge(status: int) -> None:
    """Raises `TransportFailed` for whatever is not a yes.

    Final are a redirect (a new address is for whoever keeps the endpoint to say), 410, and a no
    to the form of the call, which is never another. All else is tried again for days.
    """
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise TransportFailed("webhook_redirects", permanent=True)
    permanent = 400 <= status < 500 and status not in PASSING
    raise TransportFailed(f"webhook_{status}", permanent=permanent)
