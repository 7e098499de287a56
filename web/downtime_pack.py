"""Draws a downtime pack, as a page and as a document to print on A4.

Both are for staff, and readable for everybody all the same (EN 301 549): WCAG 2.2 AA for the page,
PDF/UA-1 for the document.
"""

import json

from typst import compile as typeset

from web.downtime_facts import Pack
from web.downtime_words import sheet_of
from web.printing import TEMPLATES, fonts, legible, templates


def as_html(pack: Pack) -> str:
    """A whole page: own style, no script, and nothing fetched from anywhere."""
    return templates().get_template("downtime_pack.html").render(sheet=sheet_of(pack))


def as_pdf(pack: Pack) -> bytes:
    """The same as tagged PDF/UA-1; the same pack always gives the same bytes.

    The texts go in as data and are never read as markup.
    """
    sheet = legible(sheet_of(pack).model_dump(mode="json"))
    return typeset(
        TEMPLATES / "downtime_pack.typ",
        root=TEMPLATES,
        font_paths=fonts(),
        sys_inputs={"sheet": json.dumps(sheet)},
        pdf_standards="ua-1",
        timestamp=pack.as_of.replace(microsecond=0),
    )
