"""Whether a condition can hold and can fail: one that never does either is dead.

A condition compares facts with the constants that stand in it. So it is enough to judge it at each
constant, just below and just above it, for every combination of the facts that it names. One that
reckons with facts, or compares them with each other, may hold elsewhere too.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import product
from math import prod
from typing import Any, Literal, NamedTuple

from domain.condition import FACTS, compiled, judge
from domain.content import Initiator, NeedLevel
from domain.instrument import INSTRUMENTS, Range

MOST_CASES = 20_000
MOST_DIGITS, LARGEST = 15, 1e300
_TOKEN = re.compile(
    r"""
    (?P<remark> //[^\n]* )
  | (?P<text> [rRbB]{0,2}
        (?: \"{3}.*?\"{3} | '{3}.*?'{3} | "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' ) )
  | (?P<number> 0[xX][0-9a-fA-F]+ | (?: \d+(?:\.\d+)? | \.\d+ ) (?:[eE][+-]?\d+)? )
  | (?P<name> [A-Za-z_]\w* )
  | (?P<sign> == | != | <= | >= | && | \|\| | \S )
    """,
    re.VERBOSE | re.DOTALL,
)
LEAST = {"age": -1, "visits": 0, "goals": 0, "period": 1}
_NAMED = {
    **dict.fromkeys(("need", "need_level", "initiator", "admitted", "left"), "e"),
    **dict.fromkeys((*LEAST, "municipality"), "f"),
    **dict.fromkeys(("true", "false"), "c"),
    **dict.fromkeys(("scores", "letters"), "m"),
    **{name: name for name in ("in", "has")},
}
_COMPARES = ("==", "!=", "<", "<=", ">", ">=")
_SIGNS = (*_COMPARES, "c", "e", "f", "&&", "||", "!", "?", ":", "(", ")")
# Longer ways of writing a constant or a fact, between single spaces.
_SIMPLER = tuple(
    (re.compile(rf"(?<!\S){known}(?!\S)"), becomes)
    for known, becomes in (
        (r"m \[ c \]|m \. #\w+", "f"),
        (r"c in m|has \( f \)", "e"),
        (r"[cef] in \[ (?:c , )*c (?:, )?\]", "e"),
        (r"(?<![\w)\]] )- c", "c"),
        (r"(?<!has )\( ([cef]) \)", r"\1"),
    )
)


class _Token(NamedTuple):
    kind: str
    text: str


def verdict(expression: str) -> Literal["never", "always", "either"]:
    """Whether it can hold and can fail, as far as it can be judged.

    Raises `NotACondition`. An expression with too many combinations is taken to be `either`, and
    so is one of which the constants do not tell everything.
    """
    compiled(expression)
    tokens = _tokens(expression)
    ways = _ways(tokens)
    if prod(len(way) for way in ways) > MOST_CASES:
        return "either"
    found = set[bool | None]()
    for given in product(*ways):
        found.add(judge(expression, _case(given)))
        if {True, False} <= found:
            return "either"
    if not _plain(tokens):
        return "either"
    return "always" if True in found else "never"


def _tokens(expression: str) -> list[_Token]:
    found = (_Token(str(m.lastgroup), m.group()) for m in _TOKEN.finditer(expression))
    return [token for token in found if token.kind != "remark"]


def _ways(tokens: Sequence[_Token]) -> list[list[dict[str, Any]]]:
    """For each fact, or each pair that hangs together, the values that can be told apart."""
    texts = [_inside(t.text) for t in tokens if t.kind == "text"]
    names = [t.text for t in tokens if t.kind == "name"]
    numbers = sorted({_number(t.text) for t in tokens if t.kind == "number"})
    levels = [{"need": level != "none", "need_level": str(level)} for level in NeedLevel]
    ways = [levels if {"need", "need_level"} & {*names} else levels[:1]]
    for name in FACTS:
        if name in ("scores", "letters"):
            keys = dict.fromkeys((*texts, *names)) if name in names else ()
            ways += [[{name: one} for one in taken] for taken in _taken(name, keys, numbers)]
        elif name not in ("need", "need_level"):
            values = _values(name, texts, numbers)
            ways.append([{name: one} for one in (values if name in names else values[:1])])
    return ways


def _case(given: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One combination, with the scores and letters of every instrument in it together."""
    case: dict[str, Any] = {"scores": {}, "letters": {}}
    for one in given:
        for name, value in one.items():
            case[name] = {**case[name], **value} if isinstance(value, dict) else value
    return case


def _inside(text: str) -> str:
    quoted = text.lstrip("rRbB")
    return quoted[3:-3] if quoted[:3] in ('"' * 3, "'" * 3) else quoted[1:-1]


def _number(text: str) -> Decimal:
    """What CEL reads there; what is past the largest number is as good as that."""
    if text.isdecimal() or text[:2] in ("0x", "0X"):
        return Decimal(int(text, 16 if "x" in text.lower() else 10))
    return Decimal(repr(min(float(text), LARGEST)))


def _values(name: str, texts: Sequence[str], numbers: Sequence[Decimal]) -> list[Any]:
    """Values of a fact, one for every way in which the expression can tell them apart."""
    match name:
        case "admitted" | "left":
            return [True, False]
        case "initiator":
            return [str(initiator) for initiator in Initiator]
        case "municipality":
            # What comes next after a text has a character more; nobody writes this one.
            return list(dict.fromkeys(("", *texts, *(f"{text}\x01" for text in texts), "~")))
        case _:
            near = [int(n) for n in numbers if n.adjusted() < MOST_DIGITS]
            around = [sign * n + d for n in near for sign in (1, -1) for d in (-1, 0, 1)]
            return sorted({LEAST[name], *(n for n in around if n >= LEAST[name])})


def _taken(
    name: str, keys: Iterable[str], numbers: Sequence[Decimal]
) -> Iterator[list[dict[str, Any]]]:
    """For each named instrument: not taken, or with each result that can be told apart."""
    for key in keys:
        instrument = INSTRUMENTS.get(key)
        if instrument is None:
            continue
        if name == "letters" and instrument.letters:
            yield [{}, *({key: letter} for letter in instrument.letters)]
        elif name == "scores" and instrument.numbers is not None:
            yield [{}, *({key: float(n)} for n in _near(instrument.numbers, numbers))]


def _near(scale: Range, numbers: Sequence[Decimal]) -> list[Decimal]:
    """The ends of a scale, and what a score can be at each number or next to it."""
    low, high, step = scale
    within = [n for n in numbers if low - step <= n <= high + step]
    at = [low + (n - low) // step * step for n in within]
    found = {low, high, *(n + d * step for n in at for d in (-1, 0, 1))}
    return sorted(n for n in found if scale.holds(n))


def _plain(tokens: Sequence[_Token]) -> bool:
    """Whether facts are compared with constants alone, so that these tell everything."""
    written, before = " ".join(_kind(token) for token in tokens), ""
    while before != written:
        before = written
        for known, becomes in _SIMPLER:
            written = known.sub(becomes, written)
    sides = written.split(" ")
    return all(sign in _SIGNS for sign in sides) and all(
        "c" in (sides[n - 1], sides[n + 1]) or {"e"} == {sides[n - 1], sides[n + 1]}
        for n, sign in enumerate(sides)
        if sign in _COMPARES
    )


def _kind(token: _Token) -> str:
    """What stands there: a constant, a fact of few values or of endless, a map, a sign, or `#`."""
    if token.kind == "text":
        return "#" if "\\" in token.text or token.text[0] in "bB" else "c"
    if token.kind == "name":
        return _NAMED.get(token.text, f"#{token.text}" if token.text in INSTRUMENTS else "#")
    return "c" if token.kind == "number" else token.text
