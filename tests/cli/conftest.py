"""A small API on the loopback that remembers what it was asked, and the command that asks it."""

import sys
import threading
from collections.abc import Callable, Iterator

import jwt
import pytest

from cli.main import run
from tests.cli.stub import Api, Ran
from tests.samples import BOB, units

Handslag = Callable[..., Ran]
TOKEN = jwt.encode({"sub": "bob", "unit": BOB}, "a key that nobody checks, of 32 bytes or more")


@pytest.fixture
def api() -> Iterator[Api]:
    with Api() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        names = [{"hsa_id": unit.hsa_id, "name": unit.name} for unit in units().values()]
        server.answers["GET", "/units"] = names
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def handslag(
    api: Api, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Handslag:
    """The command as a user runs it, down to its exit code."""
    monkeypatch.setenv("HANDSLAG_PUBLIC_URL", api.url)
    monkeypatch.setenv("HANDSLAG_TOKEN", TOKEN)
    monkeypatch.setenv("COLUMNS", "200")

    def handslag(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["handslag", *arguments])
        with pytest.raises(SystemExit) as ended:
            run()
        printed = capsys.readouterr()
        return Ran(int(ended.value.code or 0), printed.out, printed.err)

    return handslag
