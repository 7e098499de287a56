"""What one version of the plan changed against the version that it follows (R-060)."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Generic, NamedTuple, TypeVar

from domain.plan import Goal, Measure, Plan
from domain.value import Labels, Value


class GoalChange(Value):
    """A goal whose own words stand and whose rest is different."""

    before: Goal
    after: Goal


class MeasureChange(Value):
    """A measure whose text stands and whose rest is different."""

    before: Measure
    after: Measure


class PlanChanges(Value):
    """Goals and measures that are new, gone or different; a new follow-up date; and a sentence."""

    goals_added: tuple[Goal, ...] = ()
    goals_removed: tuple[Goal, ...] = ()
    goals_changed: tuple[GoalChange, ...] = ()
    measures_added: tuple[Measure, ...] = ()
    measures_removed: tuple[Measure, ...] = ()
    measures_changed: tuple[MeasureChange, ...] = ()
    follow_up_on: date | None = None
    sentence: Labels


class _Noun(NamedTuple):
    """A word for one and for more, in both languages."""

    sv: tuple[str, str]
    en: tuple[str, str]


GOAL = _Noun(("mål", "mål"), ("goal", "goals"))
MEASURE = _Noun(("åtgärd", "åtgärder"), ("measure", "measures"))
SAME = Labels(
    sv="Mål, åtgärder och uppföljningsdatum är desamma.",
    en="Goals, measures and follow-up date are the same.",
)
T = TypeVar("T", Goal, Measure)


def plan_changes(before: Plan, after: Plan) -> PlanChanges:
    """What `after` changed. A goal is known by its own words, a measure by its text."""
    goals = _compare(before.goals, after.goals, lambda g: g.own_words)
    measures = _compare(before.measures, after.measures, lambda m: m.text)
    moved = after.follow_up_on if after.follow_up_on != before.follow_up_on else None
    return PlanChanges(
        goals_added=tuple(goals.added),
        goals_removed=tuple(goals.removed),
        goals_changed=tuple(GoalChange(before=old, after=new) for old, new in goals.changed),
        measures_added=tuple(measures.added),
        measures_removed=tuple(measures.removed),
        measures_changed=tuple(
            MeasureChange(before=old, after=new) for old, new in measures.changed
        ),
        follow_up_on=moved,
        sentence=_sentence(_counts(goals), _counts(measures), moved),
    )


class _Compared(NamedTuple, Generic[T]):
    added: Sequence[T]
    removed: Sequence[T]
    changed: Sequence[tuple[T, T]]


def _compare(before: Sequence[T], after: Sequence[T], name: Callable[[T], str]) -> _Compared[T]:
    """What stands unchanged pairs off first; then what has the same name; the rest came or went."""
    old, new = list(before), list(after)
    _pair_off(old, new, lambda one, other: one == other)
    changed = _pair_off(old, new, lambda one, other: name(one) == name(other))
    return _Compared(added=new, removed=old, changed=changed)


def _pair_off(old: list[T], new: list[T], alike: Callable[[T, T], bool]) -> list[tuple[T, T]]:
    """Takes pairs out of both lists, each thing at most once, in the order of the new version."""
    pairs = []
    for one in tuple(new):
        other = next((o for o in old if alike(o, one)), None)
        if other is not None:
            old.remove(other)
            new.remove(one)
            pairs.append((other, one))
    return pairs


class _Counts(NamedTuple):
    added: int
    changed: int
    removed: int


def _counts(compared: _Compared[T]) -> _Counts:
    return _Counts(len(compared.added), len(compared.changed), len(compared.removed))


def _sentence(goals: _Counts, measures: _Counts, moved: date | None) -> Labels:
    sv = [*_said_sv(GOAL, goals), *_said_sv(MEASURE, measures)]
    en = [*_said_en(GOAL, goals), *_said_en(MEASURE, measures)]
    if moved:
        sv.append(f"uppföljningen flyttas till {moved.isoformat()}")
        en.append(f"follow-up moves to {moved.isoformat()}")
    if not sv:
        return SAME
    return Labels(sv=_joined(sv, "och"), en=_joined(en, "and"))


def _said_sv(noun: _Noun, counts: _Counts) -> list[str]:
    done = ("läggs till", "ändras", "tas bort")
    return [f"{_many(n, noun.sv)} {verb}" for n, verb in zip(counts, done, strict=True) if n]


def _said_en(noun: _Noun, counts: _Counts) -> list[str]:
    done = ("added", "changed", "removed")
    return [f"{_many(n, noun.en)} {verb}" for n, verb in zip(counts, done, strict=True) if n]


def _many(amount: int, words: tuple[str, str]) -> str:
    return f"{amount} {words[amount != 1]}"


def _joined(said: list[str], last: str) -> str:
    *first, end = said
    text = f"{', '.join(first)} {last} {end}" if first else end
    return f"{text[0].upper()}{text[1:]}."
