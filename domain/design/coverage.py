"""The proof of coverage: whom every ladder reaches, and when, from every minute of a year.

A gap is a stretch of starts from which nobody is reached by the bound. A named person accepts it,
or the pathway is not published. Proved anew each night; a gap that was not there is a notice.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from domain.calendar import STOCKHOLM
from domain.design.hearing import World
from domain.design.promised import Ground, Promised
from domain.design.reach import Fired, Reach, Reaching
from domain.design.silence import MINUTE, Silence, Stretch
from domain.event import Told
from domain.opening import closure_on
from domain.unit import Function
from domain.value import Instant, ShortText, Value


class Why(StrEnum):
    """Why nobody is reached in time of what begins when a gap does."""

    NOBODY_HOLDS_FUNCTION = "nobody_holds_function"
    NOT_CONNECTED = "not_connected"
    CLOSED_WITHOUT_COVER = "closed_without_cover"
    REACHED_TOO_LATE = "reached_too_late"


class Window(Value):
    """The starts that a proof is about: every minute from one instant until before another."""

    begins: Instant
    ends: Instant


class Gap(Value):
    """What begins from `first` to `last`, both included, reaches nobody in time.

    It `goes_on` where the proof ends before it does, and `went_before` where the proof begins
    within it. `then` is who is reached after all of what begins at `first`; None: nobody in a
    year.
    """

    promised: Promised
    first: Instant
    last: Instant
    why: Why
    then: Reach | None = None
    went_before: bool = False
    goes_on: bool = False

    @property
    def key(self) -> str:
        """What a person names when accepting it; the same from night to night while it lasts."""
        first = "" if self.went_before else self.first.isoformat()
        last = "" if self.goes_on else self.last.isoformat()
        told = "|".join((self.promised.key, self.why, first, last))
        return sha256(told.encode()).hexdigest()[:16]

    def meets(self, other: "Gap") -> bool:
        """Whether both are about one promise, and some start is in both."""
        same = self.promised.key == other.promised.key
        return same and self.first <= other.last and other.first <= self.last


class Coverage(Value):
    """One proof: which starts, and every gap among them, in the order in which they begin."""

    window: Window
    gaps: tuple[Gap, ...] = ()

    def gap(self, key: str) -> Gap | None:
        """The gap of that key."""
        return next((gap for gap in self.gaps if gap.key == key), None)


class Acceptance(Value):
    """A named person takes responsibility for a gap as it stood, and says why.

    `by` is the person's pseudonymous subject.
    """

    gap: Gap
    by: ShortText
    reason: ShortText
    at: Instant

    def holds_for(self, gap: Gap) -> bool:
        """Whether a gap is no more than what was accepted: one that grows is accepted anew.

        One whose end lay beyond the proof holds while it still does.
        """
        if (self.gap.promised.key, self.gap.why) != (gap.promised.key, gap.why):
            return False
        within = gap.last <= self.gap.last or (gap.goes_on and self.gap.goes_on)
        return self.gap.first <= gap.first <= self.gap.last and within


def year_from(at: datetime) -> Window:
    """Every minute of the twelve months from an instant."""
    here = at.astimezone(STOCKHOLM).replace(second=0, microsecond=0)
    day = min(here.day, 28) if here.month == 2 else here.day
    return Window(begins=here, ends=here.replace(year=here.year + 1, day=day))


def prove(ground: Ground, promised: Iterable[Promised], window: Window) -> Coverage:
    """Look for gaps in every promise, from every minute of the window.

    Where one has none, there is none between other units of which all is alike but the names.
    """
    world = World(ground, window.begins)
    gaps, sound = list[Gap](), set[tuple[object, ...]]()
    for one in promised:
        like = world.likeness(one)
        found = () if like in sound else tuple(_gaps(world, one, window))
        gaps += found
        if not found:
            sound.add(like)
    gaps.sort(key=lambda gap: (gap.first, gap.last))
    return Coverage(window=window, gaps=tuple(gaps))


def reach(ground: Ground, promised: Promised, start: datetime) -> Reach | None:
    """Who would be reached first of a promise that begins then, and when; None within a year."""
    return Reaching(World(ground, start), promised, start).first(start)


def new_gaps(was: Coverage, now: Coverage) -> tuple[Gap, ...]:
    """Gaps that meet none of the earlier proof: what the owner is told of."""
    return tuple(gap for gap in now.gaps if not any(gap.meets(old) for old in was.gaps))


def unaccepted(coverage: Coverage, acceptances: Iterable[Acceptance]) -> tuple[Gap, ...]:
    """Gaps that nobody has taken responsibility for."""
    given = tuple(acceptances)
    return tuple(gap for gap in coverage.gaps if not any(a.holds_for(gap) for a in given))


def refusals(coverage: Coverage, acceptances: Iterable[Acceptance]) -> tuple[Gap, ...]:
    """Gaps for which publication is refused: none may be left that nobody has accepted."""
    return unaccepted(coverage, acceptances)


def _gaps(world: World, promised: Promised, window: Window) -> Iterable[Gap]:
    search = Silence(world, promised, window.ends)
    for stretch in search.stretches():
        yield Gap(
            promised=promised,
            first=stretch.first,
            last=stretch.last,
            why=_why(world.ground, search.reaching, stretch),
            then=search.reaching.first(stretch.first),
            went_before=stretch.first == world.begins,
            goes_on=stretch.last + MINUTE >= window.ends,
        )


def _why(ground: Ground, reaching: Reaching, stretch: Stretch) -> Why:
    """From what is told by the bound of what begins first: a closed door before an empty chair."""
    fired = list[Fired]()
    by = reaching.bound(stretch.first)
    for one in reaching.firings(stretch.first):
        if one.at > by:
            break
        fired.append(one)
    told = [(one.at, t) for one in fired for t in one.told]
    if any(t.reached for _, t in told):
        shut = any(t.reached and _is_uncovered(ground, t, at) for at, t in told)
        return Why.CLOSED_WITHOUT_COVER if shut else Why.REACHED_TOO_LATE
    if not told:
        return Why.REACHED_TOO_LATE
    cut_off = any(_has_no_route(ground, t) for _, t in told)
    return Why.NOT_CONNECTED if cut_off else Why.NOBODY_HOLDS_FUNCTION


def _is_uncovered(ground: Ground, told: Told, at: datetime) -> bool:
    unit = ground.units.get(told.unit)
    closure = closure_on(unit, at.astimezone(STOCKHOLM).date()) if unit else None
    return closure is not None and closure.covered_by is None


def _has_no_route(ground: Ground, told: Told) -> bool:
    """Somebody holds the function, and nothing that the system sends arrives there."""
    unit = ground.units.get(told.unit)
    if unit is None or unit.connected:
        return False
    return told.function is Function.INBOX or unit.contact(told.function) is not None
