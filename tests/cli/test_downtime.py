"""Downtime packs on a terminal: private files, kept when the system is away."""

import json
import re
import stat
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Handslag
from tests.cli.stub import ROOT, No, refusal
from tests.samples import BOB, UNCONNECTED

PDF, HTML = b"%PDF-1.7 \xff\x00 pack", "<!DOCTYPE html>läget".encode()
NAME = re.compile(r"downtime-TESTK1980REH-\d{8}T\d{4}\.(pdf|html)")


class Press(ThreadingHTTPServer):
    """Prints a pack for each of its units, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.units = [BOB]
        self.refuses: dict[str, No] = {}
        self.documents = {"application/pdf": PDF, "text/html": HTML}
        self.asked: list[tuple[str, str, str]] = []
        super().__init__(("127.0.0.1", 0), _Door)


class _Door(BaseHTTPRequestHandler):
    server: Press

    def do_GET(self) -> None:
        path, accept = self.path.removeprefix(ROOT), self.headers["Accept"]
        self.server.asked.append((path, accept, self.headers["Authorization"]))
        if path == "/downtime-packs":
            listed = [{"hsa_id": unit, "name": unit} for unit in self.server.units]
            self._send(200, "application/json", json.dumps(listed).encode())
            return
        unit = path.split("/")[2]
        if unit in self.server.refuses:
            no = self.server.refuses[unit]
            self._send(no.status, "application/problem+json", json.dumps(no.body).encode())
            return
        self._send(200, accept, self.server.documents[accept])

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        return


@pytest.fixture
def press(handslag: Handslag, monkeypatch: pytest.MonkeyPatch) -> Iterator[Press]:
    """A server that prints, in the place of the one that answers in JSON."""
    with Press() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setenv("HANDSLAG_PUBLIC_URL", f"http://127.0.0.1:{server.server_port}")
        yield server
        server.shutdown()
        thread.join()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def test_a_pack_of_each_own_unit_is_written_for_oneself_alone(
    handslag: Handslag, press: Press, tmp_path: Path
) -> None:
    press.units = [BOB, UNCONNECTED]
    folder = tmp_path / "deep" / "packs"

    ran = handslag("downtime-pack", "--to", str(folder))

    assert ran.code == 0, ran.err
    written = files(folder)
    assert len(written) == 2
    assert all(f.read_bytes() == PDF and mode(f) == 0o600 for f in written)
    assert mode(folder) == 0o700
    assert any(NAME.fullmatch(f.name) for f in written)
    printed = "".join(ran.out.split())
    assert all(f"wrote{f}" in printed for f in map(str, written))
    assert {accept for path, accept, _ in press.asked if "units" in path} == {"application/pdf"}
    assert all(token.startswith("Bearer ") for *_, token in press.asked)


def test_units_and_formats_can_be_chosen(handslag: Handslag, press: Press, tmp_path: Path) -> None:
    folder = tmp_path / "packs"

    ran = handslag(
        "downtime-pack", "--unit", BOB, "--unit", BOB, "--to", str(folder), "--format", "both"
    )

    assert ran.code == 0, ran.err
    assert [f.suffix for f in files(folder)] == [".html", ".pdf"]
    assert [f.read_bytes() for f in files(folder)] == [HTML, PDF]
    assert [path for path, *_ in press.asked] == [f"/units/{BOB}/downtime-pack"] * 2


def test_one_unit_refused_does_not_stop_the_others(
    handslag: Handslag, press: Press, tmp_path: Path
) -> None:
    press.refuses = {UNCONNECTED: refusal("not_your_unit")}
    folder = tmp_path / "packs"

    ran = handslag("downtime-pack", "--unit", UNCONNECTED, "--unit", BOB, "--to", str(folder))

    assert ran.code == 1
    assert f"{UNCONNECTED}: not_your_unit: " in ran.err
    assert [NAME.fullmatch(f.name) is not None for f in files(folder)] == [True]


def test_when_the_system_is_away_earlier_packs_are_kept(
    handslag: Handslag, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HANDSLAG_PUBLIC_URL", "http://127.0.0.1:9")
    folder = tmp_path / "packs"
    folder.mkdir(mode=0o700)
    earlier = folder / "downtime-TESTK1980REH-20261005T0900.pdf"
    earlier.write_bytes(PDF)

    for given in ((), ("--unit", BOB)):
        ran = handslag("downtime-pack", "--to", str(folder), *given)

        assert ran.code == 1
        assert "No answer" in ran.err
        assert f"Earlier packs are kept; the newest is {earlier}." in ran.err
        assert files(folder) == [earlier]
        assert earlier.read_bytes() == PDF


def test_without_an_earlier_pack_it_says_so(
    handslag: Handslag, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HANDSLAG_PUBLIC_URL", "http://127.0.0.1:9")

    ran = handslag("downtime-pack", "--to", str(tmp_path / "packs"))

    assert ran.code == 1
    assert "There is no earlier pack in" in ran.err


def test_a_folder_that_others_can_open_is_refused_before_anything_is_read(
    handslag: Handslag, press: Press, tmp_path: Path
) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o755)

    ran = handslag("downtime-pack", "--to", str(folder))

    assert ran.code == 1
    assert f"chmod 700 {folder}" in ran.err
    assert press.asked == []
    assert mode(folder) == 0o755


def test_a_file_in_the_place_of_the_folder_is_one_line(
    handslag: Handslag, press: Press, tmp_path: Path
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("")

    ran = handslag("downtime-pack", "--to", str(taken))

    assert ran.code == 1
    assert len(ran.err.splitlines()) == 1
    assert press.asked == []


def test_two_units_with_the_same_suffix_get_a_file_each(
    handslag: Handslag, press: Press, tmp_path: Path
) -> None:
    press.units = ["SE2120000001-REHAB", "SE2120000002-REHAB"]
    folder = tmp_path / "packs"

    assert handslag("downtime-pack", "--to", str(folder)).code == 0

    assert [f.name.rpartition("-")[0] for f in files(folder)] == [
        "downtime-SE2120000001-REHAB",
        "downtime-SE2120000002-REHAB",
    ]


def test_a_unit_cannot_lead_out_of_the_folder(
    handslag: Handslag, press: Press, tmp_path: Path
) -> None:
    folder = tmp_path / "packs"

    handslag("downtime-pack", "--unit", "x-../../../escape", "--to", str(folder))

    assert [f.name for f in files(tmp_path)] == ["packs"]


def test_what_is_no_pack_is_not_written(handslag: Handslag, press: Press, tmp_path: Path) -> None:
    press.refuses = {BOB: No(200, {"hello": "proxy"})}
    folder = tmp_path / "packs"

    ran = handslag("downtime-pack", "--to", str(folder))

    assert ran.code == 1
    assert "The answer is not from Handslag: it is no pdf." in ran.err
    assert files(folder) == []
