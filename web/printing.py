"""What every printed document needs: templates, fonts, and only characters that can be shown."""

from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import category, normalize

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from typst import Fonts

from web.signs import can_be_drawn

TEMPLATES = Path(__file__).parent / "templates"
NO_SIGN = "□"


@cache
def templates() -> Environment:
    """The templates; what they are given is escaped."""
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["css_text"] = css_text
    return found


@cache
def fonts() -> Fonts:
    """The typesetter's own fonts, the same on every machine."""
    return Fonts(include_system_fonts=False)


def css_text(text: str) -> str:
    """A text inside a quoted string of a style: each character by its number, so none is markup."""
    return "".join(f"\\{ord(character):06x}" for character in text)


def legible(value: Any) -> Any:
    """The same tree, with only characters that our fonts can show.

    PDF/UA refuses a document with a sign that cannot be read; it becomes an empty square.
    """
    match value:
        case str():
            lines = normalize("NFC", value).splitlines()
            return "\n".join("".join(map(_sign, line)) for line in lines)
        case list():
            return [legible(one) for one in value]
        case dict():
            return {key: legible(one) for key, one in value.items()}
    return value


def _sign(character: str) -> str:
    """What is printed for a character: itself, a space, nothing, or an empty square."""
    if character.isspace():
        return " "
    # A mark without a letter of its own (å has one) is drawn from two fonts, and then fails.
    if not character.isprintable() or category(character).startswith("M"):
        return ""
    return character if can_be_drawn(character) else NO_SIGN
