"""Calls to the API with the remembered token; failures become one clear line."""

import json
from typing import Any

import httpx
from rich.console import Console

from runtime import settings
from runtime.private_file import write_private
from runtime.settings import Settings

SECONDS = 30.0
console = Console()


class CallFailed(Exception):
    """The API said no, or nothing; the text is for people."""


def remember_token(config: Settings, token: str) -> None:
    """Keep a token for the next commands, readable by this user only."""
    config.home.mkdir(parents=True, exist_ok=True)
    write_private(config.home / "token", token)


class ApiClient:
    """The API as the command line uses it."""

    def __init__(self) -> None:
        config = settings.load()
        token = config.token.get_secret_value() if config.token else _remembered(config)
        base = config.public_url
        self._http = httpx.Client(
            base_url=f"{base}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=SECONDS,
        )

    def get(self, path: str, **params: Any) -> Any:
        """Read. Raises `CallFailed`."""
        return self._call("GET", path, params=params)

    def post(self, path: str, body: Any, key: str | None = None) -> Any:
        """Submit a command with its idempotency key. Raises `CallFailed`."""
        headers = {"Idempotency-Key": key} if key else {}
        return self._call("POST", path, json=body, headers=headers)

    def _call(self, method: str, path: str, **arguments: Any) -> Any:
        try:
            response = self._http.request(method, path, **arguments)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise CallFailed(
                f"No answer from {self._http.base_url.copy_with(path='/')}: "
                f"{type(error).__name__}. Is `handslag up` running?"
            ) from None
        if not response.is_success:
            raise CallFailed(_line(response))
        try:
            return response.json()
        except ValueError:
            raise CallFailed("The answer is not from Handslag: it is no JSON.") from None


def show_json(data: Any) -> None:
    """For machines."""
    print(json.dumps(data, ensure_ascii=False, indent=2))


def _line(response: httpx.Response) -> str:
    try:
        problem = response.json()
        fields = ", ".join(f"{f['field']}: {f['rule']}" for f in problem.get("fields", ()))
        text = f"{problem['code']}: {problem['title']} / {problem['title_en']}"
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"HTTP {response.status_code}"
    return f"{text} ({fields})" if fields else text


def _remembered(config: Settings) -> str:
    try:
        return (config.home / "token").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise CallFailed("Log in first: handslag login NAME") from None
