"""Whether a condition can hold and can fail: one that never does either is dead.

A condition compares facts with the constants that stand in it. So it is enough to judge it at each
constant, just below and just above it, for every combination of the facts that it names.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice, product
from typing import Any, Literal

from domain.condition import FACTS, compiled, judge
from domain.content import Initiator, NeedLevel
from domain.instrument import INSTRUMENTS

MOST_CASES = 20_000
_TEXT = re.compile(r"""r?("([^"\\]|\\.)*"|'([^'\\]|\\.)*')""")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")
_NAME = re.compile(r"\b[a-z_]+\b")
LEAST = {"age": -1, "visits": 0, "goals": 0, "period": 1}


def verdict(expression: str) -> Literal["never", "always", "either"]:
    """Whether it can hold and can fail, as far as it can be judged.

    Raises `NotACondition`. An expression with too many combinations is taken to be `either`.
    """
    compiled(expression)
    cases = list(islice(_cases(expression), MOST_CASES + 1))
    judged = {judge(expression, case) for case in cases} - {None}
    if len(judged) == 2 or len(cases) > MOST_CASES:
        return "either"
    return "always" if judged == {True} else "never"


def _cases(expression: str) -> Iterator[dict[str, Any]]:
    texts = [found.group(0).lstrip("r")[1:-1] for found in _TEXT.finditer(expression)]
    bare = _TEXT.sub(" ", expression)
    numbers = sorted({float(n) for n in _NUMBER.findall(bare)})
    named = [name for name in FACTS if name in _NAME.findall(bare)]
    values = {name: _values(name, texts, numbers) for name in FACTS}
    chosen = [values[n] if n in named else values[n][:1] for n in FACTS]
    for given in product(*chosen):
        case = dict(zip(FACTS, given, strict=True))
        if case["need"] != (case["need_level"] != "none") and {"need", "need_level"} <= set(named):
            continue
        yield case


def _values(name: str, texts: Sequence[str], numbers: Sequence[float]) -> list[Any]:
    """Values of a fact, one for every way in which the expression can tell them apart."""
    match name:
        case "need" | "admitted" | "left":
            return [True, False]
        case "need_level":
            return [str(level) for level in NeedLevel]
        case "initiator":
            return [str(initiator) for initiator in Initiator]
        case "municipality":
            return ["", *texts, "9999"]
        case "scores":
            return _scores(texts, numbers)
        case "letters":
            keys = [t for t in texts if t in INSTRUMENTS and INSTRUMENTS[t].letters]
            letters = [{k: letter} for k in keys for letter in INSTRUMENTS[k].letters]
            return [{}, *letters]
        case _:
            around = [int(n) + d for n in numbers for d in (-1, 0, 1)]
            return sorted({LEAST[name], *(n for n in around if n >= LEAST[name])})


def _scores(texts: Sequence[str], numbers: Sequence[float]) -> list[dict[str, float]]:
    """Every named instrument not taken, or at any number or beside it, as far as it can be so."""
    ways = list[list[tuple[str, float] | None]]()
    for key in dict.fromkeys(t for t in texts if t in INSTRUMENTS and INSTRUMENTS[t].numbers):
        scale = INSTRUMENTS[key].numbers
        assert scale is not None
        low, high, step = float(scale.low), float(scale.high), float(scale.step)
        near = {low, high, *(n + d for n in numbers for d in (-step, 0.0, step))}
        ways.append([None, *((key, n) for n in sorted(near) if low <= n <= high)])
    return [dict(filter(None, given)) for given in product(*ways)]
