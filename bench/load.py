"""Running calls, many at once or one after the other, and what came of it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import median

Call = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Load:
    """How long a number of calls took, together and each."""

    seconds: float
    waits: tuple[float, ...]

    @property
    def per_second(self) -> float:
        """Throughput."""
        return len(self.waits) / self.seconds

    @property
    def p50(self) -> float:
        """The median wait, in milliseconds."""
        return median(self.waits) * 1000


async def at_once(calls: Sequence[Call], width: int) -> Load:
    """Make all calls, never more than `width` at a time. Raises what a call raises."""
    waiting = iter(calls)
    waits: list[float] = []

    async def one_after_the_other() -> None:
        for call in waiting:
            began = time.perf_counter()
            await call()
            waits.append(time.perf_counter() - began)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(width):
            group.create_task(one_after_the_other())
    return Load(time.perf_counter() - began, tuple(waits))
