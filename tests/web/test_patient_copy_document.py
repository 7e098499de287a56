"""The patient's copy as a document: tagged, Swedish, and the same words as the page."""

import time

import pytest

from tests.web.copies import HOSTILE, goal, patient_copy, plan
from tests.web.reading import document, page, printed, roles, root
from web.patient_copy import as_pdf
from web.printing import NO_SIGN
from web.signs import SPANS, can_be_drawn


def test_the_document_is_tagged_and_swedish() -> None:
    catalogue = root(patient_copy())

    assert as_pdf(patient_copy()).startswith(b"%PDF")
    assert str(catalogue["/Lang"]) == "sv-SE"
    assert catalogue["/MarkInfo"]["/Marked"]
    assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"]


def test_the_document_says_that_it_is_pdf_ua() -> None:
    metadata = document(patient_copy()).xmp_metadata

    assert metadata is not None
    assert b"<pdfuaid:part>1</pdfuaid:part>" in metadata.stream.get_data()


def test_the_documents_name_says_nothing_about_a_person() -> None:
    metadata = document(patient_copy()).metadata

    assert metadata is not None
    assert metadata.title == "Din plan"
    assert not any("Testpatient" in str(value) for value in metadata.values())


def test_the_tags_follow_the_headings_of_the_page() -> None:
    found = roles(root(patient_copy())["/StructTreeRoot"])
    headings = [level for level, _ in page(patient_copy()).headings]

    levels = [{"/Title": 1, "/H1": 2, "/H2": 3}[r] for r in found if r in ("/Title", "/H1", "/H2")]

    assert levels == headings
    assert found.count("/LI") == len(patient_copy().phases)


@pytest.mark.parametrize("protected", [False, True])
def test_the_document_says_what_the_page_says(protected: bool) -> None:
    copy = patient_copy(protected=protected)
    said = page(copy)

    text = printed(copy)

    for _, heading in said.headings:
        assert heading in text
    for words in ("Testpatient 01", "Jag vill kunna laga min egen mat igen.", "arbetsterapeut"):
        assert words in text
    assert ("telefon 010-000 00 00" in text) is not protected


def test_the_same_copy_is_the_same_document() -> None:
    assert as_pdf(patient_copy()) == as_pdf(patient_copy())


def test_what_somebody_wrote_is_never_typeset_as_code() -> None:
    hostile = patient_copy(
        patient_name=HOSTILE, what_matters=HOSTILE, plan=plan(goals=(goal(HOSTILE),))
    )

    text = printed(hostile)

    assert text.count('#read("/etc/passwd") <script>alert(1)</script> *_$') == 3
    assert "root:" not in text


def test_a_long_answer_is_broken_over_pages_and_never_cut() -> None:
    long = patient_copy(plan=plan(goals=(goal("rad\n" * 900), goal("vila " * 700))))

    text = printed(long)

    assert text.count("rad ") >= 900
    assert text.count("vila") == 700


@pytest.mark.parametrize(
    "odd", ["hej 😀", "中文", "محمد", "tab\there", "e\u0301", "x\u0330\u0338", "\u202e", "a\x85b"]
)
def test_a_sign_that_no_font_has_stops_no_copy(odd: str) -> None:
    pdf = document(patient_copy(what_matters=f"Jag vill gå. {odd}"))

    assert "Jag vill gå." in " ".join(p.extract_text() for p in pdf.pages)


def test_a_sign_that_cannot_be_shown_is_seen_to_be_missing() -> None:
    assert "Jag mår □ i dag." in printed(patient_copy(what_matters="Jag mår 😀 i dag."))


# A page is set in some tens of milliseconds; one question per sign would take a minute.
SECONDS = 10.0
DISTINCT = "".join(map(chr, range(0x4E00, 0x4E00 + 20_000)))


def test_a_plan_of_twenty_thousand_distinct_signs_takes_no_longer_than_any_other() -> None:
    goals = tuple(goal(DISTINCT[at : at + 2_000]) for at in range(0, len(DISTINCT), 2_000))
    begun = time.perf_counter()

    text = printed(patient_copy(plan=plan(goals=goals)))

    assert time.perf_counter() - begun < SECONDS
    assert text.replace(" ", "").count(NO_SIGN) == len(set(DISTINCT)) == 20_000


def test_every_sign_that_is_said_to_be_drawn_is_drawn_in_every_type() -> None:
    signs = "".join(chr(code) for first, last in SPANS for code in range(first, last + 1))
    goals = tuple(goal(signs[at : at + 1_000]) for at in range(0, len(signs), 1_000))
    names = [signs[at : at + 150] for at in range(0, len(signs), 150)]

    whole = as_pdf(patient_copy(plan=plan(goals=goals)))
    each = [as_pdf(patient_copy(patient_name=name, pathway=name)) for name in names]

    assert all(pdf.startswith(b"%PDF") for pdf in (whole, *each))


@pytest.mark.parametrize("word", ["Åsa", "Łódź", "Ελένη", "Олена", "½ dos", "10 °C – 5 €", "→ ✓"])
def test_what_people_here_are_called_and_write_is_drawn(word: str) -> None:
    drawn = [can_be_drawn(sign) for sign in word if not sign.isspace()]

    assert all(drawn)
