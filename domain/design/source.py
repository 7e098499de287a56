"""A pathway file, read strictly: plain data, where each thing stands, and all that is wrong.

Only what reads the same to everybody is let in: no aliases, tags or merging, and no words or
numbers that YAML would turn into something else than what was written.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from domain.design.problem import (
    MOST_PROBLEMS,
    START,
    Place,
    Problem,
    code_and_words,
    in_data,
    in_order,
    problem,
    short,
)
from domain.design.problem_words import syntax_words
from domain.fault import Path

MOST_BYTES, MOST_NODES, DEEPEST = 1_000_000, 200_000, 30
# Controls, what breaks lines in some readers only, what turns text around, and half characters.
_ODD = (
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069"
    r"\ud800-\udfff\ufeff\ufffe\uffff]"
)
_ODD_IN_LINE = re.compile(rf"{_ODD}|\t|\r(?!\n|\Z)")
_ODD_IN_VALUE = re.compile(rf"{_ODD}|\r")
_BREAKS = "\r\x85\u2028\u2029"
_NAMED = {"": None, "~": None, "null": None, "true": True, "false": False}
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,14})\.[0-9]{1,15}")


class Source(NamedTuple):
    """What was read: plain data, and where each value and each key stands.

    `holes` are values that were refused; what is said of them is said already.
    """

    data: Any
    places: dict[Path, Place]
    keys: dict[Path, Place]
    holes: frozenset[Path]

    def place(self, path: Path) -> Place:
        """Where a value stands, or the nearest thing around it."""
        while path not in self.places and path:
            path = path[:-1]
        return self.places.get(path, START)

    def key_place(self, path: Path) -> Place:
        """Where the key itself stands, or the nearest thing around it."""
        return self.keys.get(path) or self.place(path)


def read(text: str) -> tuple[Source | None, list[Problem]]:
    """The data of a file and everything wrong with it; without data when that makes no sense.

    Whoever gets problems refuses the file; the data are for finding what else is wrong.
    """
    text = text.removeprefix("\ufeff")
    if len(text) > MOST_BYTES or len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        return None, [problem("file_too_large", (), START, limit=MOST_BYTES)]
    cleaned, found = _without_odd_characters(text)
    reader = _Reader(found)
    if cleaned is not None:
        reader.follow(cleaned)
    return reader.source(), in_order(reader.found)


def _without_odd_characters(text: str) -> tuple[str | None, list[Problem]]:
    """The text with spaces for what is refused; None when that would change its structure."""
    found, sound = list[Problem](), True
    for number, line in enumerate(text.split("\n"), start=1):
        for odd in _ODD_IN_LINE.finditer(line):
            char, place = odd.group(), Place(number, odd.start() + 1)
            if len(found) >= MOST_PROBLEMS:
                return None, [*found, problem("too_many_problems", (), place, limit=MOST_PROBLEMS)]
            code = "tab" if char == "\t" else "control_character"
            found.append(problem(code, (), place, character=f"U+{ord(char):04X}"))
            sound &= char not in _BREAKS and bool(line[: odd.start()].strip(" \t"))
    cleaned = _ODD_IN_LINE.sub(" ", text) if found else text
    return cleaned if sound else None, found


def plain(event: yaml.ScalarEvent) -> str | int | float | bool | None:
    """What a scalar means: only true, false, null, decimal numbers and text; dates are text."""
    text: str = event.value
    if not event.implicit[0]:
        return text
    if text in _NAMED:
        return _NAMED[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text


class _Stop(Exception):
    """There is no sense in reading on."""


class _Open:
    """A mapping or list whose end has not come yet; `kept` says whether it is in the data."""

    def __init__(self, data: dict[str, Any] | list[Any], path: Path, kept: bool) -> None:
        self.data, self.path, self.kept = data, path, kept
        self.wants_key = isinstance(data, dict)
        self.key: str | None = None
        self.first = dict[str, Place]()


class _Reader:
    """Follows the parser's events, so that what is refused is never built."""

    def __init__(self, found: list[Problem]) -> None:
        self.found, self._whole, self._nodes = found, False, 0
        self._root: Any = None
        self._open = list[_Open]()
        self._places, self._keys = dict[Path, Place](), dict[Path, Place]()
        self._holes = set[Path]()

    def source(self) -> Source | None:
        """What was read, if it was read to the end and consists of fields."""
        if not self._whole or not isinstance(self._root, dict):
            return None
        return Source(self._root, self._places, self._keys, frozenset(self._holes))

    def follow(self, text: str) -> None:
        """Read a text to its end, or to where nothing can be made of it."""
        try:
            # In C: a tenth of the time, and a request waits for it.
            for event in yaml.parse(text, Loader=yaml.CSafeLoader):
                self._take(event)
            self._end()
        except _Stop:
            return
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self._say("syntax", (), _at(mark), why=syntax_words(error.problem or ""))
        except yaml.YAMLError:
            self._say("syntax", (), START, why=syntax_words(""))

    def _say(self, code: str, path: Path, place: Place, **words: object) -> None:
        self.found.append(problem(code, path, place, **words))

    def _refuse(self, code: str, place: Place, **words: object) -> None:
        self._say(code, self._here()[0], place, **words)
        raise _Stop

    def _take(self, event: yaml.Event) -> None:
        if len(self.found) >= MOST_PROBLEMS:
            self._refuse("too_many_problems", _place(event), limit=MOST_PROBLEMS)
        if isinstance(event, yaml.NodeEvent):
            self._node(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
        elif isinstance(event, yaml.DocumentStartEvent):
            self._document(event)

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        if self._nodes:
            self._whole = True
            self._refuse("several_documents", _place(event))
        if event.version or event.tags:
            self._say("directive", (), _place(event))

    def _end(self) -> None:
        self._whole = True
        if self._root is None and not self._holes:
            self._say("empty_file", (), START)
        elif not isinstance(self._root, dict) and not self._holes:
            self._say("not_a_mapping", (), self._places[()])

    def _node(self, event: yaml.NodeEvent) -> None:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            self._refuse("too_many_nodes", _place(event), limit=MOST_NODES)
        if self._open and self._open[-1].wants_key:
            self._key(self._open[-1], event)
        else:
            self._value(event)

    def _key(self, top: _Open, event: yaml.NodeEvent) -> None:
        self._unwanted(event, top.path)
        top.wants_key, top.key = False, self._name(top, event)
        if top.key is not None and top.kept:
            self._keys[*top.path, top.key] = _place(event)
        if isinstance(event, yaml.CollectionStartEvent):
            self._enter(event, _meaning(event), top.path, kept=False)

    def _name(self, top: _Open, event: yaml.NodeEvent) -> str | None:
        """The key, or None when what follows it is left out of the data."""
        if isinstance(event, yaml.AliasEvent):
            return None
        place = _place(event)
        name = plain(event) if isinstance(event, yaml.ScalarEvent) else None
        if not isinstance(name, str):
            self._say("key_not_text", top.path, place)
        elif name == "<<":
            self._say("merge_key", top.path, place)
        elif name in top.first:
            again = {"name": short(name), "first": top.first[name].line}
            self._say("duplicate_key", (*top.path, name), place, **again)
        else:
            top.first[name] = place
            return name
        return None

    def _value(self, event: yaml.NodeEvent) -> None:
        (path, kept), data = self._here(), _meaning(event)
        self._unwanted(event, path)
        if kept:
            self._places[path] = _place(event)
        self._put(data)
        if isinstance(event, yaml.CollectionStartEvent):
            self._enter(event, data, path, kept)
        elif kept and (isinstance(event, yaml.AliasEvent) or _tag(event)):
            self._holes.add(path)

    def _here(self) -> tuple[Path, bool]:
        """Where the next value belongs, and whether it is kept."""
        if not self._open:
            return (), True
        top = self._open[-1]
        if isinstance(top.data, list):
            return (*top.path, len(top.data)), top.kept
        return ((*top.path, top.key), top.kept) if top.key is not None else (top.path, False)

    def _put(self, data: Any) -> None:
        if not self._open:
            self._root = data
            return
        top = self._open[-1]
        if isinstance(top.data, list):
            top.data.append(data)
            return
        top.wants_key = True
        if top.key is not None:
            top.data[top.key] = data

    def _enter(self, event: yaml.NodeEvent, data: Any, path: Path, kept: bool) -> None:
        if len(self._open) >= DEEPEST:
            self._say("too_deep", path, _place(event), limit=DEEPEST)
            raise _Stop
        self._open.append(_Open(data, path, kept))

    def _unwanted(self, event: yaml.NodeEvent, path: Path) -> None:
        place = _place(event)
        if isinstance(event, yaml.AliasEvent):
            return self._say("alias", path, place)
        if event.anchor:
            self._say("anchor", path, place)
        if _tag(event):
            self._say("tag", path, place)
        if isinstance(event, yaml.ScalarEvent) and (odd := _ODD_IN_VALUE.search(event.value)):
            self._say("control_character", path, place, character=f"U+{ord(odd.group()):04X}")


def _meaning(event: yaml.NodeEvent) -> Any:
    """A scalar's meaning, or the mapping or list that is to be filled."""
    if isinstance(event, yaml.ScalarEvent):
        return plain(event)
    if isinstance(event, yaml.MappingStartEvent):
        return dict[str, Any]()
    return list[Any]() if isinstance(event, yaml.SequenceStartEvent) else None


def _tag(event: yaml.NodeEvent) -> str | None:
    return getattr(event, "tag", None)


def _place(event: yaml.Event) -> Place:
    return _at(event.start_mark)


def _at(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1) if mark else START


class _Located(NamedTuple):
    place: Place
    path: Path
    error: ErrorDetails


def problems_of(error: ValidationError, source: Source, known: Sequence[str] = ()) -> list[Problem]:
    """What a model says of the data, where it stands; `known` are names to suggest for unknown."""
    errors = error.errors(include_url=False, include_input=False)
    located = sorted((_located(e, source) for e in errors), key=lambda found: found.place)
    fresh = [found for found in located if not _in_a_hole(found.path, source)]
    problems = [_worded(found, source, known) for found in fresh[:MOST_PROBLEMS]]
    for left in fresh[MOST_PROBLEMS : MOST_PROBLEMS + 1]:
        problems.append(problem("too_many_problems", (), left.place, limit=MOST_PROBLEMS))
    return in_order(problems)


def _worded(found: _Located, source: Source, known: Sequence[str]) -> Problem:
    code, words = code_and_words(found.error, found.path, source.data, known)
    return problem(code, found.path, found.place, **words)


def _in_a_hole(path: Path, source: Source) -> bool:
    return any(path[:length] in source.holes for length in range(len(path) + 1))


def _located(error: ErrorDetails, source: Source) -> _Located:
    """Where the data that pydantic speaks of stands."""
    kind, loc = error["type"], error["loc"]
    if kind == "missing":
        path = (*in_data(loc[:-1], source.data), loc[-1])
    elif kind.startswith("union_tag"):
        path = (*in_data(loc, source.data), str(error["ctx"]["discriminator"]).strip("'"))
    else:
        path = in_data(loc, source.data)
    of_key = kind == "extra_forbidden" or loc[-1:] == ("[key]",)
    return _Located(source.key_place(path) if of_key else source.place(path), path, error)
