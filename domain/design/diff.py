"""What differs between two definitions, as data and as text: step by step, field by field."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from domain.pathway import Definition
from domain.value import Labels, ShortText, Value

# How a definition names itself is no difference between its versions.
NAMES = ("key", "version", "layers")
KEYED = ("steps", "parts")


class Difference(Value):
    """One field that is not what it was, or a step or part that came or went.

    `step` is None for what is said of the pathway as a whole.
    """

    what: Literal["added", "removed", "changed"]
    step: ShortText | None
    field: str
    was: Any = None
    now: Any = None


def differences(old: Definition, new: Definition) -> tuple[Difference, ...]:
    """Everything that differs, in the order of the definitions."""
    was, now = old.model_dump(mode="json"), new.model_dump(mode="json")
    found = list[Difference]()
    for name in now:
        if name not in NAMES and name not in KEYED:
            found += _fields(None, name, was[name], now[name])
    found += _keyed("parts", was["parts"], now["parts"])
    found += _keyed("steps", was["steps"], now["steps"])
    return tuple(found)


def _keyed(name: str, was: list[dict[str, Any]], now: list[dict[str, Any]]) -> Iterator[Difference]:
    before = {item["key"]: item for item in was}
    after = {item["key"]: item for item in now}
    stood, stand = ([k for k in a if k in b] for a, b in ((before, after), (after, before)))
    if stood != stand:
        yield Difference(what="changed", step=None, field=name, was=stood, now=stand)
    for key, item in after.items():
        subject, prefix = (key, "") if name == "steps" else (None, f"parts.{key}")
        if key not in before:
            kind = item.get("kind", "part")
            yield Difference(what="added", step=subject, field=prefix, now=kind)
        else:
            yield from _fields(subject, prefix, before[key], item)
    for key, item in before.items():
        if key not in after:
            subject, prefix = (key, "") if name == "steps" else (None, f"parts.{key}")
            kind = item.get("kind", "part")
            yield Difference(what="removed", step=subject, field=prefix, was=kind)


def _fields(step: str | None, path: str, was: Any, now: Any) -> Iterator[Difference]:
    """Leaves that differ; a budget is one thing, and so is a list. Values are as in a file."""
    if was == now:
        return
    if isinstance(was, Mapping) and isinstance(now, Mapping) and "amount" not in now:
        for name in dict.fromkeys((*was, *now)):
            inner = f"{path}.{name}".lstrip(".")
            yield from _fields(step, inner, was.get(name), now.get(name))
        return
    what: Literal["added", "removed", "changed"] = "changed"
    if was in (None, [], {}):
        what = "added"
    elif now in (None, [], {}):
        what = "removed"
    yield Difference(what=what, step=step, field=path, was=was, now=now)


WORDS = {
    "added": Labels(sv="tillagt", en="added"),
    "removed": Labels(sv="borttaget", en="removed"),
    "changed": Labels(sv="ändrat", en="changed"),
}


def as_text(found: tuple[Difference, ...], language: Literal["sv", "en"] = "sv") -> str:
    """One line for each difference; nothing is said in one line, too."""
    if not found:
        return "Ingen skillnad.\n" if language == "sv" else "No difference.\n"
    return "".join(f"{_line(d, language)}\n" for d in found)


def _line(d: Difference, language: Literal["sv", "en"]) -> str:
    of_step = {"sv": "steget", "en": "step"}[language]
    whole = {"sv": "förloppet", "en": "pathway"}[language]
    subject = f"{of_step} {d.step}" if d.step else whole
    place = f"{subject}: {d.field}" if d.field else subject
    word = getattr(WORDS[d.what], language)
    if d.what == "changed":
        return f"{place} {word}: {_said(d.was)} → {_said(d.now)}"
    return f"{place} {word}: {_said(d.now if d.what == 'added' else d.was)}"


def _said(value: Any) -> str:
    if isinstance(value, Mapping) and "budget" in value:
        return _said(value["budget"])
    if isinstance(value, Mapping) and "amount" in value:
        return f"{value['amount']} {value['counting']}"
    if isinstance(value, Mapping):
        return ", ".join(f"{k}: {_said(v)}" for k, v in value.items() if v is not None)
    if isinstance(value, list):
        return ", ".join(map(_said, value)) or "–"
    if isinstance(value, bool):
        return str(value).lower()
    return "–" if value is None else " ".join(str(value).split())
