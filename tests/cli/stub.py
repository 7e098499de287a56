"""An API that answers what it was told to, and the result of a command."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from api.problems import problem
from domain.refusal import FieldProblem, Refusal

Answer = Any
ROOT = "/api/v1"


@dataclass(frozen=True)
class Asked:
    """A request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    key: str | None
    token: str | None
    body: Any


class No(NamedTuple):
    """An answer that is not a success."""

    status: int
    body: Any


class Api(ThreadingHTTPServer):
    """Answers by method and path; an answer may be worked out from the request."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], Answer | Callable[[Asked], Answer]] = {}
        self.asked: list[Asked] = []
        super().__init__(("127.0.0.1", 0), _Door)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def posted(self, path: str) -> list[Asked]:
        """The commands that were sent to a path."""
        return [asked for asked in self.asked if (asked.method, asked.path) == ("POST", path)]

    def answer(self, asked: Asked) -> tuple[int, Any]:
        """What a request gets."""
        self.asked.append(asked)
        answer = self.answers.get((asked.method, asked.path), refusal("page_unknown"))
        given = answer(asked) if callable(answer) else answer
        return (given.status, given.body) if isinstance(given, No) else (200, given)


class _Door(BaseHTTPRequestHandler):
    server: Api

    def do_GET(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(json.loads(body))

    def _answer(self, body: Any) -> None:
        address = urlsplit(self.path)
        asked = Asked(
            method=self.command,
            path=address.path.removeprefix(ROOT),
            query={name: values[0] for name, values in parse_qs(address.query).items()},
            key=self.headers["Idempotency-Key"],
            token=self.headers["Authorization"],
            body=body,
        )
        status, answer = self.server.answer(asked)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, format: str, *args: Any) -> None:
        return


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed for machines."""
        return json.loads(self.out)


def refusal(code: str, **fields: str) -> No:
    """A refusal just as the API words it."""
    found = tuple(FieldProblem(field=name, rule=rule) for name, rule in fields.items())
    shown = problem(Refusal(code=code, fields=found))
    return No(shown.status, shown.model_dump(mode="json"))
