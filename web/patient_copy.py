"""Draws the patient's copy, as a page and as a document to print.

Both have to be readable for everybody: lag (2018:1937) om tillgänglighet till digital offentlig
service and EN 301 549, that is WCAG 2.2 AA for the page and PDF/UA-1 for the document.
"""

import json
from datetime import UTC, datetime, time

from typst import compile as typeset

from domain.patient_copy import PatientCopy
from web.patient_words import page_of
from web.printing import TEMPLATES, fonts, legible, templates

_NOON = time(12, tzinfo=UTC)


def as_html(copy: PatientCopy) -> str:
    """A whole page: own style, no script, and nothing fetched from anywhere."""
    return templates().get_template("patient_copy.html").render(page=page_of(copy))


def as_pdf(copy: PatientCopy) -> bytes:
    """The same page as tagged PDF/UA-1; the same copy always gives the same bytes.

    The texts go in as data and are never read as markup. A character that no font of ours can
    show becomes an empty square: PDF/UA refuses a document with a sign that cannot be read.
    """
    page = legible(page_of(copy).model_dump(mode="json"))
    made_at = datetime.combine(copy.printed_on, _NOON)
    return typeset(
        TEMPLATES / "patient_copy.typ",
        root=TEMPLATES,
        font_paths=fonts(),
        sys_inputs={"page": json.dumps(page)},
        pdf_standards="ua-1",
        timestamp=made_at,
    )
