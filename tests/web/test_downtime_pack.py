"""The downtime pack on paper: everything there, first due first, readable, and never markup."""

import re
from io import BytesIO
from itertools import pairwise

import pytest
from pypdf import PdfReader

from domain.handover import DeclineReason
from tests.web.copies import HOSTILE
from tests.web.packs import MASK, due, incoming, masked, outgoing, pack
from tests.web.reading import Html, roles
from web.downtime_facts import Pack, Patient, short_reference
from web.downtime_pack import as_html, as_pdf
from web.downtime_words import DECLINES, SECRECY, Table, sheet_of
from web.printing import TEMPLATES, css_text

EMPTY = pack(incoming=(), outgoing=(), held=(), ringing=(), calls=())


def page(given: Pack) -> Html:
    return Html(as_html(given))


def printed(given: Pack) -> list[str]:
    """What each page of the document says, on one line each."""
    pdf = PdfReader(BytesIO(as_pdf(given)), strict=True)
    return [" ".join(p.extract_text().split()) for p in pdf.pages]


def table(given: Pack, number: int) -> Table:
    return sheet_of(given).tables[number]


def test_the_page_is_swedish_with_english_marked_beside() -> None:
    read = page(pack())

    assert ("html", "lang", "sv") in read.attributes
    assert ("span", "lang", "en") in read.attributes
    assert read.elements.count("main") == read.elements.count("h1") == 1
    levels = [level for level, _ in read.headings]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_table_has_headings_for_columns_and_rows() -> None:
    read, sheet = page(pack()), sheet_of(pack())

    scopes = [value for _, name, value in read.attributes if name == "scope"]
    assert scopes.count("col") == sum(len(t.columns) for t in sheet.tables)
    assert scopes.count("row") == sum(len(t.rows) for t in sheet.tables)
    assert all(len(row) == len(t.columns) for t in sheet.tables for row in t.rows)
    assert all(sum(c.share for c in t.columns) == 100 for t in sheet.tables)


def test_it_says_whom_to_ring_what_is_owed_and_by_when() -> None:
    (first, *_), (sent,) = table(pack(), 0).rows, table(pack(), 1).rows

    assert first[0] == "Testpatient 01\n194408139089\nRef 1A2B-3C4D-5E6F"
    assert first[1] == "Strokeenhet Västerås (demo)\nTel 010-000 00 01"
    assert "Mottagen: klart mån 23 nov. 2026 11.45" in first[3]
    assert "Accepterad: tis 24 nov. 2026 11.45" in first[3]
    assert first[4] == "Första hembesök inom en vardag."
    assert "Annan tid 010-000 00 03" in sent[1]
    assert sent[3] == "Accepterad: tis 24 nov. 2026 05.45 FÖRSENAT"


def test_what_is_due_first_stands_first_and_what_rests_last() -> None:
    rests = incoming("REST", receipts=(due("Accepterad", -9, paused=True),))
    late = incoming("LATE", receipts=(due("Accepterad", 30),), dues=(due("Beräknad tid", -3),))
    given = pack(incoming=(rests, incoming("SOON"), late))

    for number in (0, 5):
        order = [row[0].split("Ref ")[1] for row in table(given, number).rows]
        assert order == ["LATE", "SOON", "REST"]
    assert table(given, 0).rows[2][3] == "Accepterad: vilar"


def test_each_handover_to_the_unit_has_a_slip_to_fill_in() -> None:
    slips = table(pack(), 5)

    assert [row[0] for row in slips.rows] == [row[0] for row in table(pack(), 0).rows]
    assert all(row[2:] == ("", "", "") for row in slips.rows)
    for word in ("Kvitterad", "Accepterad", "Återsänd, skäl nr", "Tar över när"):
        assert word in slips.rows[0][1]
    assert set(DECLINES) == set(DeclineReason)
    assert "12 annat (text krävs)" in slips.about[1].sv


def test_of_a_protected_patient_there_is_a_mask_and_a_reference() -> None:
    text = page(pack(incoming=(masked(),), held=(), outgoing=(), ringing=(), calls=())).text

    assert MASK in text
    assert "9F8E-7D6C-5B4A" in text
    assert "1944" not in text


def test_that_a_patient_has_died_is_said() -> None:
    dead = incoming(patient=Patient(name="Testpatient 09", deceased=True))

    assert "Testpatient 09 – AVLIDEN" in page(pack(incoming=(dead,))).text


def test_an_empty_pack_says_that_nothing_is_open() -> None:
    read = page(EMPTY)

    assert "Ingen överlämning till oss är öppen." in read.text
    assert "Inget larm ringer." in read.text
    assert "table" not in read.elements
    assert "Det finns inget att svara på." in printed(EMPTY)[0]


def test_only_an_invented_unit_is_marked_as_one() -> None:
    real = pack(unit="Kommunrehab", hsa_id="SE2120002080-REHAB1")

    assert "DEMO" in page(pack()).text
    assert "DEMO" not in as_html(real)
    assert all("DEMO" in said for said in printed(pack()))
    assert not any("DEMO" in said for said in printed(real))


def test_each_printed_page_says_where_from_when_and_how_long_it_holds() -> None:
    many = tuple(incoming(f"REF-{n}") for n in range(40))
    pages = printed(pack(incoming=many))

    assert len(pages) > 3
    for number, said in enumerate(pages, 1):
        assert f"sida {number} av {len(pages)}" in said
        assert "Kommunrehab Västerås (demo) · läget tis 24 nov. 2026 07.45" in said
        assert "Gäller till nästa utskrift" in said
        assert SECRECY.sv in said
    assert sum(said.count("Ref REF-") for said in pages) == 80


def test_the_page_says_the_same_when_it_is_printed() -> None:
    source = as_html(pack())

    assert "size: A4 landscape" in source
    assert 'content: "sida " counter(page) " av " counter(pages)' in source
    assert css_text(sheet_of(pack()).head) in source


def test_the_document_is_tagged_swedish_and_named() -> None:
    pdf = PdfReader(BytesIO(as_pdf(pack())), strict=True)

    assert str(pdf.root_object["/Lang"]).lower().startswith("sv")
    assert pdf.metadata is not None
    assert pdf.metadata.title == "Vid driftstopp: det här är öppet"
    found = roles(pdf.root_object["/StructTreeRoot"])
    columns = sum(len(t.columns) for t in sheet_of(pack()).tables)
    assert found.count("/Table") == 6
    assert found.count("/TH") == columns
    assert b"pdfuaid" in as_pdf(pack())


def test_the_same_pack_gives_the_same_bytes() -> None:
    assert as_pdf(pack()) == as_pdf(pack())


def test_what_somebody_wrote_is_never_markup() -> None:
    hostile = pack(unit=HOSTILE[:200], incoming=(incoming(requested=HOSTILE),), held=())

    read = page(hostile)

    assert read.text.count(HOSTILE) == 2
    assert "script" not in read.elements
    assert "</style" not in as_html(hostile).split("<style>")[1].split("</style>")[0]
    assert HOSTILE[:20] in " ".join(printed(hostile))


def test_a_text_in_a_style_stays_a_text() -> None:
    assert css_text('"}') == "\\000022\\00007d"


@pytest.mark.parametrize("odd", ["😀", "\u0301x", "日本", "a\tb", "rad\nrad"])
def test_odd_signs_do_not_stop_the_printing(odd: str) -> None:
    assert as_pdf(pack(incoming=(incoming(requested=odd),))).startswith(b"%PDF")


def test_a_long_request_is_printed_to_its_end() -> None:
    long = incoming(requested="Mycket att göra. " * 220 + "SISTA ORDET")

    assert "SISTA ORDET" in " ".join(printed(pack(incoming=(long,))))


def test_nothing_is_run_and_nothing_is_fetched() -> None:
    read = page(pack())
    css = (TEMPLATES / "downtime_pack.css").read_text(encoding="utf-8")

    assert not {"script", "link", "img", "iframe", "object", "form"} & set(read.elements)
    assert not {"href", "src", "action", "style"} & {name for _, name, _ in read.attributes}
    assert "//" not in as_html(pack())
    assert not re.search(r"url\(|@import", css)


def test_a_reference_is_short_and_can_be_read_aloud() -> None:
    assert short_reference("1a2b3c4d-5e6f-8a00-b111-222233334444") == "1A2B-3C4D-5E6F"
    assert short_reference("h-1") == "H1"


def test_what_others_owe_us_is_sorted_too() -> None:
    later = outgoing(reference="LATER", dues=(due("Accepterad", 9),))
    given = pack(outgoing=(outgoing(reference="NEVER", dues=()), later, outgoing()))

    order = [row[0].split("Ref ")[1] for row in table(given, 1).rows]
    assert order == ["2222-3333-4444", "LATER", "NEVER"]
