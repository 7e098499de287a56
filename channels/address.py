"""Finds where a webhook leads: the name is asked for here, and each answer is judged."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address

from domain import endpoint
from domain.endpoint import Address, Network, Target
from domain.notice import TransportFailed

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


async def ask_the_system(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, as this machine finds them. Raises `OSError`."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(info[4][0]) for info in found]


async def addresses(
    target: Target, allowed: Sequence[Network], resolve: Resolve = ask_the_system
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
