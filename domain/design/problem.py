"""A problem in a pathway file: which, where in the data, on which line, and what to say of it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Any, Literal, NamedTuple

from pydantic_core import ErrorDetails

from domain.design.problem_words import BY_PREFIX, BY_TYPE, KEY_PATTERN, NEAREST, TEXTS
from domain.fault import Path
from domain.value import Labels, Value

MOST_PROBLEMS = 500
LONGEST_SHOWN = 40
# The fields that say which member of a union it is; pydantic puts their value into its paths.
TAGGED_BY = ("kind", "until", "op")
_LIMITS = ("ge", "gt", "le", "lt", "min_length", "max_length")


class Place(NamedTuple):
    """A line and a column of a file, each counted from 1."""

    line: int
    column: int


START = Place(1, 1)


class Problem(Value):
    """One thing that is wrong with a file, and where; `path` is empty for the file itself."""

    code: str
    path: str
    line: int
    column: int
    message: Labels


def short(word: object) -> str:
    """What somebody wrote, on one line and no longer than can be shown."""
    text = _one_line(str(word)[: LONGEST_SHOWN * 2])
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


def dotted(path: Path) -> str:
    """A path as problems name it: steps.3.due."""
    return ".".join(short(part) for part in path)


def problem(code: str, path: Path, place: tuple[int, int], **words: object) -> Problem:
    """A problem with its text; a word may differ between the languages."""
    text, line_and_column = TEXTS[code], Place(*place)
    nearest = NEAREST if words.get("nearest") else Labels(sv="", en="")
    sv = {n: _one_line(w.sv if isinstance(w, Labels) else str(w)) for n, w in words.items()}
    en = {n: _one_line(w.en if isinstance(w, Labels) else str(w)) for n, w in words.items()}
    return Problem(
        code=code,
        path=dotted(path),
        line=line_and_column.line,
        column=line_and_column.column,
        message=Labels(
            sv=(text.sv + nearest.sv).format(**sv), en=(text.en + nearest.en).format(**en)
        ),
    )


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """As a reader meets them, from the top of the file."""
    return sorted(problems, key=lambda p: (p.line, p.column, p.code, p.path))


def format_problems(name: str, problems: Sequence[Problem], lang: Literal["sv", "en"]) -> str:
    """One line each, as editors and people find them: name:line:column: message [code]."""
    return "\n".join(
        f"{name}:{p.line}:{p.column}: {p.message.sv if lang == 'sv' else p.message.en} [{p.code}]"
        for p in problems
    )


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def in_data(loc: Path, data: Any) -> Path:
    """A path of pydantic's without what is not in the data: tags, and members of unions."""
    path, tagged = list[str | int](), False
    for part in loc:
        if not tagged and path and _is_tag(part, data):
            tagged = True
        elif _has(data, part):
            path.append(part)
            data, tagged = data[part], False
    return tuple(path)


def _is_tag(part: str | int, data: Any) -> bool:
    return isinstance(data, dict) and any(data.get(name) == part for name in TAGGED_BY)


def _has(data: Any, part: str | int) -> bool:
    if isinstance(data, dict):
        return part in data
    return isinstance(data, list) and isinstance(part, int) and part < len(data)


def code_and_words(
    error: ErrorDetails, path: Path, data: Any, known: Sequence[str]
) -> tuple[str, dict[str, object]]:
    """Which problem an error of pydantic's is, and the words of its text."""
    kind, context = error["type"], error.get("ctx", {})
    begins = (code for prefix, code in BY_PREFIX if kind.startswith(prefix))
    code = BY_TYPE.get(kind) or next(begins, "not_accepted")
    if context.get("pattern") == KEY_PATTERN:
        code = "key_form"
    allowed = list(_allowed(context))
    return code, {
        "name": short(path[-1]) if path else "",
        "nearest": _nearest(code, path, data, allowed or known),
        "limit": next((context[name] for name in _LIMITS if name in context), ""),
        "pattern": context.get("pattern", ""),
        "allowed": ", ".join(allowed),
        "why": context.get("error", ""),
        "kind": kind,
    }


def _allowed(context: dict[str, Any]) -> Iterator[str]:
    """What pydantic lists as 'a', 'b' or 'c'."""
    listed = context.get("expected_tags") or context.get("expected") or ""
    for word in re.split(r", | or ", listed):
        if word:
            yield word.strip("'")


def _nearest(code: str, path: Path, data: Any, names: Sequence[str]) -> str:
    """The name that was perhaps meant; nothing when the word is no field or value of a list."""
    word = path[-1] if code == "unknown_field" and path else None
    if code == "not_one_of":
        for part in path:
            data = data[part] if _has(data, part) else None
        word = data
    if not isinstance(word, str) or len(word) > LONGEST_SHOWN:
        return ""
    return next(iter(get_close_matches(word, names, n=1)), "")
