"""`handslag downtime-pack`: what is open at a unit, on paper, before the system is away."""

import os
import stat
from collections import Counter
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import httpx
import typer

from cli.client import ApiClient, CallFailed
from cli.display import say
from domain.calendar import STOCKHOLM

PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600
OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Format(StrEnum):
    """What is written for each unit."""

    PDF = "pdf"
    HTML = "html"
    BOTH = "both"


MEDIA: dict[Format, str] = {Format.PDF: "application/pdf", Format.HTML: "text/html"}


class _Packs(ApiClient):
    """The API, with documents as they come."""

    def document(self, unit: str, kind: Format) -> bytes:
        """A unit's pack. Raises `CallFailed`."""
        path = f"/units/{quote(unit, safe='')}/downtime-pack"
        try:
            response = self._http.get(path, headers={"Accept": MEDIA[kind]})
        except httpx.HTTPError as error:
            raise CallFailed(f"No answer: {type(error).__name__}.") from None
        if not response.is_success:
            raise CallFailed(_problem(response))
        if not response.headers.get("Content-Type", "").startswith(MEDIA[kind]):
            raise CallFailed(f"The answer is not from Handslag: it is no {kind}.")
        return response.content


def downtime_pack(
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="Made for you alone.")],
    unit: Annotated[
        list[str] | None,
        typer.Option(metavar="HSA", help="May be given again; all of yours if not given."),
    ] = None,
    format: Annotated[Format, typer.Option(help="What to write.")] = Format.PDF,
) -> None:
    """Write what is open at each unit, to go on with when the system is away. Reading is logged.

    It holds patient data: FOLDER is readable by you alone (0700), each file too (0600).
    Earlier packs stay. Exit code 1 when a unit's pack could not be written.
    """
    folder = _private(to)
    failed = list[str]()
    try:
        api = _Packs()
        units = list(dict.fromkeys(unit or [u["hsa_id"] for u in api.get("/downtime-packs")]))
    except CallFailed as error:
        raise CallFailed(f"{error} {_earlier(folder)}") from None
    kinds: list[Format] = list(MEDIA) if format is Format.BOTH else [format]
    names = _names(units)
    for hsa_id in units:
        try:
            _write_all(api, hsa_id, kinds, folder / names[hsa_id])
        except CallFailed as error:
            failed.append(f"{hsa_id}: {error}")
    if failed:
        raise CallFailed("\n".join((*failed, _earlier(folder))))
    say(f"Packs of {len(units)} units are in {folder}.", style="green")


def _write_all(api: _Packs, hsa_id: str, kinds: list[Format], stem: Path) -> None:
    """The unit's pack in each format; nothing is written before all have come."""
    documents = {kind: api.document(hsa_id, kind) for kind in kinds}
    for kind, document in documents.items():
        path = stem.with_name(f"{stem.name}.{kind}")
        _write(path, document)
        say(f"wrote {path}", hsa_id)


def _private(folder: Path) -> Path:
    """The folder, made if need be. Raises `CallFailed` when others could open it."""
    try:
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        mode = folder.stat().st_mode
    except OSError as error:
        raise CallFailed(f"{folder}: {error.strerror}.") from None
    if mode & OTHERS:
        raise CallFailed(f"{folder} is open to others; choose another, or: chmod 700 {folder}")
    return folder


def _write(path: Path, document: bytes) -> None:
    """Written whole or not at all, for its owner alone. Raises `CallFailed`."""
    beside = path.with_name(f".{path.name}")
    try:
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(document)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise CallFailed(f"{path}: {error.strerror}.") from None


def _names(units: list[str]) -> dict[str, str]:
    """A file's name without its ending, by unit; two units never share one."""
    at = datetime.now(UTC).astimezone(STOCKHOLM).strftime("%Y%m%dT%H%M")
    suffixes = {unit: _plain(unit.partition("-")[2] or unit) for unit in units}
    shared = Counter(suffixes.values())
    return {
        unit: f"downtime-{suffix if shared[suffix] == 1 else _plain(unit)}-{at}"
        for unit, suffix in suffixes.items()
    }


def _plain(text: str) -> str:
    """Letters, figures and dashes: what is no way out of the folder."""
    return "".join(c if c.isalnum() else "-" for c in text)


def _earlier(folder: Path) -> str:
    """What there is to go on with."""
    newest = max(folder.glob("downtime-*.*"), key=lambda p: p.stat().st_mtime, default=None)
    if newest is None:
        return f"There is no earlier pack in {folder}."
    return f"Earlier packs are kept; the newest is {newest}."


def _problem(response: httpx.Response) -> str:
    try:
        problem: dict[str, Any] = response.json()
        return f"{problem['code']}: {problem['title']} / {problem['title_en']}"
    except (ValueError, KeyError, TypeError):
        return f"HTTP {response.status_code}"
