"""Draws the patient's copy, as a page and as a document to print.

Both have to be readable for everybody: lag (2018:1937) om tillgänglighet till digital offentlig
service and EN 301 549, that is WCAG 2.2 AA for the page and PDF/UA-1 for the document.
"""

import json
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import category, normalize

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from typst import Fonts
from typst import compile as typeset

from domain.patient_copy import PatientCopy
from web.patient_words import page_of
from web.signs import can_be_drawn

TEMPLATES = Path(__file__).parent / "templates"
NO_SIGN = "□"
_NOON = time(12, tzinfo=UTC)


def as_html(copy: PatientCopy) -> str:
    """A whole page: own style, no script, and nothing fetched from anywhere."""
    return _templates().get_template("patient_copy.html").render(page=page_of(copy))


def as_pdf(copy: PatientCopy) -> bytes:
    """The same page as tagged PDF/UA-1; the same copy always gives the same bytes.

    The texts go in as data and are never read as markup. A character that no font of ours can
    show becomes an empty square: PDF/UA refuses a document with a sign that cannot be read.
    """
    page = _legible(page_of(copy).model_dump(mode="json"))
    made_at = datetime.combine(copy.printed_on, _NOON)
    return typeset(
        TEMPLATES / "patient_copy.typ",
        root=TEMPLATES,
        font_paths=_fonts(),
        sys_inputs={"page": json.dumps(page)},
        pdf_standards="ua-1",
        timestamp=made_at,
    )


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _fonts() -> Fonts:
    return Fonts(include_system_fonts=False)


def _legible(value: Any) -> Any:
    """The same tree, with only characters that can be shown."""
    match value:
        case str():
            lines = normalize("NFC", value).splitlines()
            return "\n".join("".join(map(_sign, line)) for line in lines)
        case list():
            return [_legible(one) for one in value]
        case dict():
            return {key: _legible(one) for key, one in value.items()}
    return value


def _sign(character: str) -> str:
    """What is printed for a character: itself, a space, nothing, or an empty square."""
    if character.isspace():
        return " "
    # A mark without a letter of its own (å has one) is drawn from two fonts, and then fails.
    if not character.isprintable() or category(character).startswith("M"):
        return ""
    return character if can_be_drawn(character) else NO_SIGN
