"""The demo users of the embedded mode, and tokens for them."""

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from runtime.issuer import EmbeddedIssuer

FILE = Path(__file__).resolve().parent.parent / "catalogue" / "users.yaml"


class DemoUser(BaseModel):
    """A function with a number; never a person."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    username: str
    name: str
    unit: str
    roles: tuple[str, ...]


class NoSuchUser(Exception):
    """The catalogue has no demo user of that name."""


def demo_users() -> list[DemoUser]:
    """All demo users."""
    found = yaml.safe_load(FILE.read_text(encoding="utf-8"))["users"]
    return [DemoUser.model_validate(user) for user in found]


def token_for(issuer: EmbeddedIssuer, username: str) -> str:
    """A token for a demo user. Raises `NoSuchUser`."""
    for user in demo_users():
        if user.username == username:
            return issuer.token(user.username, user.name, user.unit, user.roles)
    raise NoSuchUser(username)
