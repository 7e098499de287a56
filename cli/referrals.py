"""Referrals from a CSV file, in the shape in which the API takes them; the API judges them."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cli.client import CallFailed

COLUMNS = (
    "ref",
    "person",
    "name",
    "pathway",
    "unit",
    "reason",
    "initiator",
    "what_matters",
    "municipality",
    "sex",
    "age",
    "overlap_reason",
)
AGE_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file: the line it begins on, and the item made of it (never printed)."""

    line: int
    item: dict[str, Any] = field(repr=False)


def read(path: Path) -> list[Row]:
    """The rows of a file. Raises `CallFailed` when it cannot be read as referrals."""
    lines = _lines(path)
    _, first = next(lines, (0, []))
    header = [name.strip() for name in first]
    while header and not header[-1]:
        header.pop()
    _check(path, header)
    rows = [Row(line, _item(header, cells)) for line, cells in lines]
    if not rows:
        raise CallFailed(f"{path} has no rows under its header.")
    return rows


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, each with the number of the line it begins on."""
    text = _text(path)
    separator = ";" if _saved_with_semicolons(text) else ","
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise CallFailed(f"{path}, the row on line {begins}: {error}.") from None


def _text(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CallFailed(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise CallFailed(f"{path} is not UTF-8; save it as CSV UTF-8.") from None
    if not text.strip():
        raise CallFailed(f"{path} is empty.")
    return text


def _saved_with_semicolons(text: str) -> bool:
    """Spreadsheets with Swedish settings do."""
    header = text.lstrip().partition("\n")[0]
    return header.count(";") > header.count(",")


def _check(path: Path, header: list[str]) -> None:
    """A misspelt column is a missing one, and one that nobody reads is said, not dropped."""
    for wrong, names in (
        ("lacks", [name for name in COLUMNS if name not in header]),
        ("has unknown", [name or "(no name)" for name in header if name not in COLUMNS]),
        ("repeats", [name for name, times in Counter(header).items() if times > 1]),
    ):
        if names:
            raise CallFailed(f"{path} {wrong} columns: {', '.join(names)}.")


def _item(header: list[str], row: list[str]) -> dict[str, Any]:
    """The item of a row; a row with more cells than the header is left for the API to refuse."""
    cells = dict.fromkeys(COLUMNS, "") | {
        name: cell.strip() for name, cell in zip(header, row, strict=False)
    }
    surplus = sum(bool(cell.strip()) for cell in row[len(header) :]) or None
    return {
        "ref": cells["ref"],
        "patient": {"number": cells["person"], "name": cells["name"]},
        "pathway": cells["pathway"],
        "unit": cells["unit"],
        "referral": _referral(cells),
        **_given(overlap_reason=cells["overlap_reason"], surplus_cells=surplus),
    }


def _referral(cells: dict[str, str]) -> dict[str, Any]:
    age = cells["age"]
    return {
        "reason": cells["reason"],
        "initiator": cells["initiator"],
        **_given(what_matters=cells["what_matters"]),
        "figures": _given(
            sex=cells["sex"],
            age=int(age) if age.isdecimal() and len(age) <= AGE_DIGITS else age,
            municipality=cells["municipality"],
        ),
    }


def _given(**fields: Any) -> dict[str, Any]:
    """The fields that have a value; an age of nought is one."""
    return {name: value for name, value in fields.items() if value not in ("", None)}
