"""Conditions on a step: expressions in CEL over a short list of facts, checked for their types.

The library is the one of CEL's authors. An expression sees these facts and nothing else; it cannot
call out, loop without end or see who the patient is.
"""

from functools import lru_cache
from typing import Any

from cel_expr_python import cel  # type: ignore[import-untyped]

from domain.journey import Journey
from domain.value import Labels

FACTS: dict[str, tuple[Any, Labels]] = {
    "need": (cel.Type.BOOL, Labels(sv="bedömt behov av rehabilitering", en="assessed need")),
    "need_level": (
        cel.Type.STRING,
        Labels(sv="behovsnivå: none, low, moderate, high", en="level of need"),
    ),
    "age": (cel.Type.INT, Labels(sv="ålder vid start; -1 okänd", en="age at start; -1 unknown")),
    "municipality": (cel.Type.STRING, Labels(sv="kommunkod; tom okänd", en="municipality's code")),
    "initiator": (cel.Type.STRING, Labels(sv="vem som tog initiativ", en="who asked first")),
    "period": (cel.Type.INT, Labels(sv="vilken period i ordningen", en="which period, from 1")),
    "visits": (cel.Type.INT, Labels(sv="antal genomförda besök", en="visits made")),
    "goals": (cel.Type.INT, Labels(sv="antal mål i planen", en="goals in the plan")),
    "admitted": (cel.Type.BOOL, Labels(sv="inskriven på sjukhus nu", en="in hospital now")),
    "left": (cel.Type.BOOL, Labels(sv="har lämnat avdelningen", en="has left the ward")),
    "scores": (
        cel.Type.Map(cel.Type.STRING, cel.Type.DOUBLE),
        Labels(sv="senaste poäng per instrument", en="newest score by instrument"),
    ),
    "letters": (
        cel.Type.Map(cel.Type.STRING, cel.Type.STRING),
        Labels(sv="senaste bokstav per instrument", en="newest letter by instrument"),
    ),
}
_ENV = cel.NewEnv(variables={name: kind for name, (kind, _) in FACTS.items()})


class NotACondition(Exception):
    """An expression that is no condition; says why, in CEL's own words, and at which column."""

    def __init__(self, why: str, column: int = 1) -> None:
        super().__init__(why)
        self.column = column


@lru_cache(maxsize=2000)
def compiled(expression: str) -> Any:
    """The expression, ready to be judged. Raises `NotACondition`."""
    try:
        found = _ENV.compile(expression)
    except RuntimeError as error:
        raise _why(str(error)) from None
    if found.return_type() != cel.Type.BOOL:
        raise NotACondition("it is neither true nor false")
    return found


def _why(text: str) -> NotACondition:
    """The first line of what CEL says, without its own wrapping."""
    first = text.partition("ERROR: <input>:")[2].partition("\n")[0]
    place, _, why = first.partition(": ")
    column = place.rpartition(":")[2]
    return NotACondition(why or text.partition("\n")[0], int(column) if column.isdigit() else 1)


def facts(state: Journey) -> dict[str, Any]:
    """What a condition may know of a journey."""
    return {
        "need": bool(state.need),
        "need_level": state.need_level or "none",
        "age": -1 if state.age is None else state.age,
        "municipality": state.municipality or "",
        "initiator": str(state.initiator),
        "period": state.period,
        "visits": state.visits,
        "goals": state.goals,
        "admitted": state.admitted is not None,
        "left": state.departure is not None,
        "scores": {k: float(v) for k, v in state.scores.items() if not isinstance(v, str)},
        "letters": {k: v for k, v in state.scores.items() if isinstance(v, str)},
    }


def judge(expression: str, known: dict[str, Any]) -> bool | None:
    """Whether it holds; None when it cannot be judged, as for a score that nobody has taken."""
    found = compiled(expression).eval(data=known)
    if found.type() != cel.Type.BOOL:
        return None
    return bool(found.value())


def holds(expression: str, state: Journey) -> bool:
    """Whether a step is wanted. What cannot be judged is wanted: a person decides then."""
    return judge(expression, facts(state)) is not False
