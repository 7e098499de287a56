"""From which starts a promise reaches nobody in time: every minute, without looking at each.

Whom a rung tells changes at few instants, and where it falls never runs backwards between two
nights in which the clock is put back. So a stretch of starts is judged by its ends, and halved
until it is clear; a single minute always is.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.design.hearing import MANY, World
from domain.design.promised import Promised
from domain.design.reach import Reaching

MINUTE = timedelta(minutes=1)


class Stretch(NamedTuple):
    """Starts from one minute to another, both included."""

    first: datetime
    last: datetime


class _Falls(NamedTuple):
    """Where a rung falls from the first and the last start of a stretch.

    It is `known` where it follows from the start alone, without anybody's hours: then what lies
    between lies in order, and `even` where it moves evenly. Otherwise `lo` and `hi` are limits.
    `early`: the rung before reached nobody, and it came at once. `again`: the last one repeats.
    """

    rung: int
    lo: datetime
    hi: datetime
    known: bool = True
    even: bool = False
    early: bool = False
    again: bool = False


class Silence:
    """The search for the starts of one promise that reach nobody in time."""

    def __init__(self, world: World, promised: Promised, ends: datetime) -> None:
        self.begins, self.ends = world.begins, ends
        self.reaching = Reaching(world, promised, ends)
        self.ladder, self.top = self.reaching.ladder, self.reaching.top
        self._bound = promised.bound
        self._twice = world.twice(self.reaching.until)
        self._paces = world.paces(promised, self.reaching.until)

    def stretches(self) -> Iterator[Stretch]:
        """The gaps, as long as they are."""
        whole: Stretch | None = None
        for found in self._found():
            if whole and found.first - whole.last <= MINUTE:
                whole = Stretch(whole.first, found.last)
                continue
            if whole:
                yield whole
            whole = found
        if whole:
            yield whole

    def _found(self) -> Iterator[Stretch]:
        waiting = list(reversed(self._ordered()))
        while waiting:
            starts = waiting.pop()
            clear, turn = self._in_time(starts)
            if clear is None:
                after = self._cut(starts, turn)
                waiting.append(Stretch(after, starts.last))
                waiting.append(Stretch(starts.first, after - MINUTE))
            elif not clear:
                yield starts

    def _cut(self, starts: Stretch, turn: timedelta | None) -> datetime:
        """Where the second part begins: at the turn, where one is known, or else in the middle."""
        minutes = (starts.last - starts.first) // MINUTE
        at = -(-turn // MINUTE) if turn is not None else 0
        return starts.first + (at if 0 < at <= minutes else minutes // 2 + 1) * MINUTE

    def _ordered(self) -> list[Stretch]:
        """The window, cut where a later start may fall earlier: in an hour that comes twice."""
        last = self.ends - MINUTE
        cuts = [at for at in self._twice if self.begins < at <= last]
        if not self.ladder.one_kind:
            cuts += [cut for at in self._twice if (cut := self._due_from(at)) is not None]
        edges = sorted({self.begins, *cuts})
        ends = [*(edge - MINUTE for edge in edges[1:]), last]
        return [Stretch(*pair) for pair in zip(edges, ends, strict=True)]

    def _due_from(self, at: datetime) -> datetime | None:
        """The first start that is due then: from there an offset of another kind is counted."""
        minutes = range((self.ends - self.begins) // MINUTE)
        key = self._due_of
        place = bisect_left(minutes, at, key=key)
        return self.begins + place * MINUTE if 0 < place < len(minutes) else None

    def _due_of(self, minute: int) -> datetime:
        return self.reaching.due(self.begins + minute * MINUTE)

    def _in_time(self, starts: Stretch) -> tuple[bool | None, timedelta | None]:
        """Whether every start reaches somebody in time, or none does; or where to look closer."""
        by = Stretch(self.reaching.bound(starts.first), self.reaching.bound(starts.last))
        steady = self._even(starts, by)
        if any(self._never_fails(rung, starts, by) for rung in range(self.top + 1)):
            return True, None
        none, turn = True, None
        for falls in self._falling(starts, by.last):
            heard = self._heard(falls._replace(even=falls.even and steady), by)
            if heard:
                return True, None
            none = none and heard is False
            if heard is None and turn is None:
                turn = self._turn(falls, by if steady else None)
        return False if none else None, turn

    def _turn(self, falls: _Falls, by: Stretch | None) -> timedelta | None:
        """How far into the starts it changes whom a rung tells, or whether they open in time.

        It may be wrong, and then costs time only: what is cut is judged again.
        """
        pieces = self._pieces(falls)
        if falls.even and len(pieces) > 1:
            return pieces[len(pieces) // 2] - falls.lo
        if by is None or len(pieces) != 1:
            return None
        waits = (t.not_before for t in self.reaching.told(falls.rung, falls.lo) if t.reached)
        opens = min((w for w in waits if w is not None), default=None)
        return opens - by.first if opens is not None else None

    def _never_fails(self, rung: int, starts: Stretch, by: Stretch) -> bool:
        """Whether a rung is always heard at once, and stands no later than the bound."""
        if not self.reaching.pair.always(self.ladder, rung):
            return False
        placed = self._placed(rung, starts)
        even = placed.even and self._even(starts, by)
        return self._soon(placed._replace(even=even), by) is True

    def _falling(self, starts: Stretch, until: datetime) -> Iterator[_Falls]:
        """The firings that may come by the bound; the rest of them as one where that will do."""
        falls, number = self._placed(0, starts), 0
        while falls.lo <= until:
            if falls.again and self._bound is None and not falls.early and falls.known:
                return
            rest = falls._replace(hi=max(falls.hi, until), known=False, even=False)
            if falls.again and self._will_do(rest, starts):
                yield rest
                return
            yield falls
            number += 1
            falls = self._next(falls, number, starts)

    def _will_do(self, rest: _Falls, starts: Stretch) -> bool:
        """Whether repetitions need no look at each: none is heard, or the stretch is too long."""
        if self._somebody(rest) is False:
            return True
        assert self.ladder.every is not None, "a ladder with rungs repeats its last one"
        many = (rest.hi - rest.lo) // self.ladder.every > MANY
        return starts.first < starts.last and many

    def _placed(self, number: int, starts: Stretch) -> _Falls:
        lo, hi = (self.reaching.place(number, start) for start in starts)
        even = self.ladder.one_kind and self._even(starts, Stretch(lo, hi))
        again = number > self.top
        return _Falls(min(number, self.top), lo, hi, even=even, again=again)

    def _next(self, before: _Falls, number: int, starts: Stretch) -> _Falls:
        """In its place; or at once, where the one before reached nobody and the ladder skips."""
        own = self._placed(number, starts)
        if own.again:
            return self._repeated(before, own)
        somebody = self._somebody(before) if self.ladder.skips else True
        if somebody:
            return own
        if somebody is None:
            return own._replace(lo=before.lo, known=False, even=False)
        early = before.lo < own.lo or before.hi < own.hi
        return before._replace(rung=own.rung, early=early)

    def _repeated(self, before: _Falls, own: _Falls) -> _Falls:
        """What was brought forward repeats from where it came."""
        if before.known and not before.early:
            return own
        hi = self.reaching.again(before.hi)
        if not before.known:
            return own._replace(lo=before.lo, hi=max(hi, own.hi), known=False, even=False)
        lo = self.reaching.again(before.lo)
        even = before.even and self._even(Stretch(before.lo, before.hi), Stretch(lo, hi))
        return before._replace(lo=lo, hi=hi, even=even, again=True)

    def _even(self, starts: Stretch, falls: Stretch) -> bool:
        """Whether time runs at one pace from all the starts, and at one pace where they fall."""
        begun = bisect_right(self._paces, starts.first) == bisect_right(self._paces, starts.last)
        return begun and bisect_left(self._paces, falls.first) == bisect_right(
            self._paces, falls.last
        )

    def _somebody(self, falls: _Falls) -> bool | None:
        """Whether a rung reaches anybody wherever it may fall."""
        pieces = self._pieces(falls)
        told = (self.reaching.told(falls.rung, at) for at in pieces)
        return _alike(any(t.reached for t in all_told) for all_told in told)

    def _pieces(self, falls: _Falls) -> tuple[datetime, ...]:
        """None, which is not clear, where there are too many to look through."""
        rung = self.ladder.rungs[falls.rung]
        found = self.reaching.pair.pieces(rung, falls.lo, falls.hi)
        return found if len(found) <= MANY or falls.lo == falls.hi else ()

    def _heard(self, falls: _Falls, by: Stretch) -> bool | None:
        """Whether somebody hears a rung by the bound, wherever it may fall."""
        soon = self._soon(falls, by)
        pieces = self._pieces(falls)
        return _alike(self._heard_from(falls.rung, at, soon, by) for at in pieces)

    def _heard_from(self, rung: int, at: datetime, soon: bool | None, by: Stretch) -> bool | None:
        heard = [t.not_before for t in self.reaching.told(rung, at) if t.reached]
        if not heard:
            return False
        if None in heard:
            return False if at > by.last else soon
        opens = min(h for h in heard if h is not None)
        return _by(Stretch(opens, opens), by)

    def _soon(self, falls: _Falls, by: Stretch) -> bool | None:
        """Whether a rung falls by the bound; without a bound of its own the last rung is it."""
        if self._bound is None and not falls.again:
            return True
        clear = _by(Stretch(falls.lo, falls.hi), by)
        if clear is None and falls.even and falls.known:
            return _alike((falls.lo <= by.first, falls.hi <= by.last))
        return clear


def _by(falls: Stretch, by: Stretch) -> bool | None:
    """Whether all of one comes by all of the other, or none by any."""
    if falls.last <= by.first:
        return True
    return False if falls.first > by.last else None


def _alike(answers: Iterator[bool | None] | tuple[bool, ...]) -> bool | None:
    """The answer where all are the same; None where they differ, or there is none."""
    found = set(answers)
    return found.pop() if len(found) == 1 else None
