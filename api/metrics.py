"""`GET /metrics`: Prometheus' text, counted in PostgreSQL; no login, and nobody in it."""

import asyncio
import time
from collections.abc import Callable, Iterator
from itertools import accumulate

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from api.house import house
from domain.lateness import CAUSES
from store import lateness
from store.lateness import BOUNDS, Figures, Spread

log = structlog.get_logger()
router = APIRouter(tags=["health"])

COUNT_WITHIN_SECONDS = 2.0
FRESH_SECONDS = 60.0
NONE_LATE = Spread((0,) * (len(BOUNDS) + 1), 0.0)
GAUGES = {
    "handslag_promises_not_kept": "Promises whose moment has come and has not been passed.",
    "handslag_notices_dead": "Notices that nobody will send again by itself.",
    "handslag_outbox_waiting": "Notices that no delivery has been started for.",
    "handslag_open_journeys": "Journeys that are open.",
}


class Counter:
    """Counts at most once in a while, however many ask; one count at a time.

    A failed count is not tried again at once, and one that takes long goes on while the page shows
    the figures of the last.
    """

    def __init__(self, store: AsyncEngine, now: Callable[[], float] = time.monotonic) -> None:
        self.store = store
        self._now = now
        self._counted: Figures | None = None
        self._counted_at = float("-inf")
        self._tried_at = float("-inf")
        self._turn = asyncio.Lock()
        self._counting: asyncio.Task[None] | None = None
        self.up = False

    @property
    def age(self) -> float:
        """How many seconds ago the figures were counted."""
        return self._now() - self._counted_at

    async def figures(self) -> Figures | None:
        """What is counted now, or was last; nothing when nothing has been counted yet."""
        async with self._turn:
            if self._counting is None and self._now() - self._tried_at > FRESH_SECONDS:
                self._tried_at = self._now()
                self._counting = asyncio.create_task(self._count())
                await asyncio.wait({self._counting}, timeout=COUNT_WITHIN_SECONDS)
        return self._counted

    async def _count(self) -> None:
        try:
            self._counted = await lateness.figures(self.store)
            self._counted_at = self._tried_at = self._now()
            self.up = True
        except (SQLAlchemyError, OSError) as error:
            log.warning("nothing_counted", error=type(error).__name__)
            self.up = False
        finally:
            self._counting = None


class _Page:
    """What is shown, as Prometheus' library wants to be given it."""

    def __init__(self, figures: Figures | None, age: float, *, up: bool) -> None:
        self._figures = figures
        self._age = age
        self._up = up

    def collect(self) -> Iterator[Metric]:
        """Whether the store answered, and what was counted there last, with its age."""
        yield GaugeMetricFamily("handslag_store_up", "Whether PostgreSQL answers.", int(self._up))
        if self._figures is not None:
            words = "How old the figures on this page are."
            yield GaugeMetricFamily("handslag_figures_age_seconds", words, self._age)
            yield _histogram(self._figures)
            yield from _gauges(self._figures)


@router.get("/metrics", response_class=Response)
async def read(request: Request) -> Response:
    """Figures for Prometheus; 200 also when PostgreSQL is away, and then it says so."""
    state = request.app.state
    if not hasattr(state, "counter"):
        state.counter = Counter(house(request).store)
    registry = CollectorRegistry()
    counter: Counter = state.counter
    registry.register(_Page(await counter.figures(), counter.age, up=counter.up))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _histogram(figures: Figures) -> HistogramMetricFamily:
    shown = HistogramMetricFamily(
        "handslag_rung_lateness_seconds",
        "How long after its due instant each rung fired, by cause.",
        labels=["cause"],
    )
    bounds = [*(str(float(bound)) for bound in BOUNDS), "+Inf"]
    for cause in sorted({*CAUSES, *figures.lateness}):
        spread = figures.lateness.get(cause, NONE_LATE)
        shown.add_metric(
            [cause], list(zip(bounds, accumulate(spread.rungs), strict=True)), spread.seconds
        )
    return shown


def _gauges(figures: Figures) -> Iterator[Metric]:
    for name, words in GAUGES.items():
        yield GaugeMetricFamily(name, words, getattr(figures, name.removeprefix("handslag_")))
    if figures.worker_seen is not None:
        yield GaugeMetricFamily(
            "handslag_worker_seen_timestamp_seconds",
            "When a worker last said that it runs.",
            figures.worker_seen.timestamp(),
        )
