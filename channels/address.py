"""Finds where a webhook leads: the name is asked for here, and each answer is judged."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

from domain import endpoint
from domain.endpoint import Address, Network, Target
from domain.notice import TransportFailed

Ask = Callable[[str, int], Sequence[str]]
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

LOOK_UPS = 4
SECONDS = 3.0
FREE_WITHIN_SECONDS = 0.5


def ask_the_system(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, as this machine finds them; blocks. Raises `OSError`."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(info[4][0]) for info in found]


class LookUps:
    """Asks for names in a few threads of its own, for each name once at a time.

    The event loop's threads look up the store and the mail server: a name service that says
    nothing to one who waits for a webhook must not hold those.
    """

    def __init__(self, ask: Ask = ask_the_system, seconds: float = SECONDS) -> None:
        self._ask = ask
        self._seconds = seconds
        self._threads = ThreadPoolExecutor(LOOK_UPS, thread_name_prefix="names")
        self._free = asyncio.Semaphore(LOOK_UPS)
        self._asked: dict[tuple[str, int], asyncio.Future[Sequence[str]]] = {}

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """The addresses. Raises `OSError`; `TransportFailed` when no thread is free, or in time."""
        try:
            answer = self._asked.get((host, port)) or await self._begin(host, port)
            # A thread cannot be called back: it is left to end by itself, and counts until then.
            async with asyncio.timeout(self._seconds):
                return await asyncio.shield(answer)
        except TimeoutError as error:
            raise TransportFailed("webhook_unresolved", permanent=False) from error

    async def _begin(self, host: str, port: int) -> asyncio.Future[Sequence[str]]:
        async with asyncio.timeout(FREE_WITHIN_SECONDS):
            await self._free.acquire()
        if (host, port) in self._asked:
            self._free.release()
            return self._asked[host, port]
        answer = asyncio.wrap_future(self._threads.submit(self._ask, host, port))
        self._asked[host, port] = answer

        def end(ended: asyncio.Future[Sequence[str]]) -> None:
            del self._asked[host, port]
            self._free.release()
            # Whoever asked may be gone: then nobody else looks at how it ended.
            if not ended.cancelled():
                ended.exception()

        answer.add_done_callback(end)
        return answer


async def addresses(
    target: Target, allowed: Sequence[Network], resolve: Resolve
) -> Sequence[Address]:
    """Where to connect, in the order to try; each is public, or operators have allowed it.

    Raises `TransportFailed`: a name that leads inside, even by one of its answers, is refused for
    good; a name that is not found now may be found later.
    """
    try:
        answers = await resolve(target.host, target.port)
        found = [ip_address(answer.partition("%")[0]) for answer in dict.fromkeys(answers)]
    except (OSError, ValueError) as error:
        raise TransportFailed("webhook_name_not_found", permanent=False) from error
    try:
        endpoint.check(found, allowed)
    except endpoint.Unfit as unfit:
        raise TransportFailed("webhook_private_address", permanent=True) from unfit
    if target.scheme == "http" and not all(endpoint.is_allowed(a, allowed) for a in found):
        raise TransportFailed("webhook_not_https", permanent=True)
    if not found:
        raise TransportFailed("webhook_name_not_found", permanent=False)
    return found
