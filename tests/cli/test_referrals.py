"""Referrals as spreadsheets really save them."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from api.bodies import BatchItem
from cli import referrals
from cli.client import CallFailed
from cli.referrals import COLUMNS

ROOT = Path(__file__).resolve().parents[2]
HEADER = ",".join(COLUMNS)
NUMBER = "194408139089"
ROW = f"r-1,{NUMBER},Testpatient 01,stroke-rehab,SE0000000000-TESTRVMSTROKE1,Stroke,hospital,,,,,"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "referrals.csv"


def test_every_demo_referral_has_the_shape_that_the_api_takes() -> None:
    rows = referrals.read(ROOT / "catalogue" / "demo" / "referrals.csv")
    items = [BatchItem.model_validate(row.item) for row in rows]
    assert len(items) >= 12
    assert rows[0].line == 2
    assert items[0].patient.number == NUMBER
    assert items[0].referral.figures.age == 82
    assert items[0].overlap_reason is None


@pytest.mark.parametrize("start", ["", "\ufeff"], ids=["bare", "with BOM"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["unix", "windows"])
@pytest.mark.parametrize("separator", [",", ";"], ids=["comma", "Swedish semicolon"])
def test_bom_line_ends_and_separators(file: Path, start: str, end: str, separator: str) -> None:
    text = start + end.join([HEADER, ROW, ""]).replace(",", separator)
    file.write_bytes(text.encode())
    (row,) = referrals.read(file)
    assert row.item["ref"] == "r-1"
    assert row.item["patient"] == {"number": NUMBER, "name": "Testpatient 01"}


def test_a_row_is_known_by_the_line_it_begins_on(file: Path) -> None:
    long = ROW.replace("Stroke,", '"Stroke,\nhöger sida",').replace("r-1", "r-2")
    file.write_text("\n".join([HEADER, ROW, "", long, "," * 11, ROW.replace("r-1", "r-3")]))
    rows = referrals.read(file)
    assert [(r.line, r.item["ref"]) for r in rows] == [(2, "r-1"), (4, "r-2"), (7, "r-3")]
    assert rows[1].item["referral"]["reason"] == "Stroke,\nhöger sida"


def test_empty_cells_are_left_out_and_nought_is_not_empty(file: Path) -> None:
    file.write_text(f"{HEADER}\n{ROW[:-3]},female,0,\n")
    (row,) = referrals.read(file)
    assert row.item["referral"]["figures"] == {"sex": "female", "age": 0}
    assert "overlap_reason" not in row.item


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("r-1,1944", ("patient", "name")),
        (f"{ROW}one,two", ("surplus_cells",)),
        (f"{ROW[:-1]}old,", ("referral", "figures", "age")),
    ],
    ids=["too short", "too long", "no number"],
)
def test_odd_rows_are_kept_for_the_api_to_refuse(
    file: Path, row: str, field: tuple[str, ...]
) -> None:
    file.write_text(f"{HEADER}\n{row}\n")
    (kept,) = referrals.read(file)
    with pytest.raises(ValidationError) as refused:
        BatchItem.model_validate(kept.item)
    assert field in [error["loc"] for error in refused.value.errors()]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \n\n", "is empty"),
        (HEADER.encode(), "has no rows"),
        (b"ref,person\n1,2\n", "lacks columns: name, pathway"),
        (f"{HEADER},ward\n{ROW},1".encode(), "has unknown columns: ward"),
        (f"{HEADER},ref\n{ROW},1".encode(), "repeats columns: ref"),
        ("namn;öde".encode("latin-1"), "is not UTF-8"),
        (f'{HEADER}\n{ROW}\nr-2,"open'.encode(), "the row on line 3: unexpected end of data"),
    ],
)
def test_a_file_that_is_no_list_of_referrals_is_one_clear_line(
    file: Path, content: bytes, line: str
) -> None:
    file.write_bytes(content)
    with pytest.raises(CallFailed, match=line) as failed:
        referrals.read(file)
    assert "\n" not in str(failed.value)


def test_a_file_that_cannot_be_read_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(CallFailed, match="cannot be read: No such file"):
        referrals.read(tmp_path / "nowhere.csv")
    with pytest.raises(CallFailed, match="cannot be read: Is a directory"):
        referrals.read(tmp_path)


def test_a_row_says_nothing_about_its_patient_when_it_is_printed(file: Path) -> None:
    file.write_text(f"{HEADER}\n{ROW}\n")
    assert NUMBER not in repr(referrals.read(file))
