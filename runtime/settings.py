"""Everything that a process may be told from outside. The only file that reads the environment."""

import os
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "HANDSLAG_"
CONTAINER_SECRETS = Path("/run/secrets")


class SettingsError(Exception):
    """A setting is missing or cannot be used. Its text never holds a value that was given."""


class Settings(BaseSettings):
    """One process's settings: variables named ``HANDSLAG_…``, or secret files of that name."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        frozen=True,
        hide_input_in_errors=True,
        extra="ignore",
    )

    mode: Literal["embedded", "production"] = "production"
    home: Path = Path(".handslag")
    log_json: bool | None = None
    public_url: str = "http://127.0.0.1:8000"
    max_body_bytes: int = Field(default=1_000_000, gt=0)
    max_attachment_bytes: int = Field(default=5_000_000, gt=0)

    database_url: SecretStr | None = None
    keyring_file: Path | None = None

    temporal_address: str = "127.0.0.1:7233"
    temporal_namespace: str = "handslag"
    temporal_task_queue: str = "journeys"
    build_id: str | None = None
    workflow_tasks: int = Field(default=16, ge=2, le=1000)
    cached_workflows: int = Field(default=2000, ge=0, le=100_000)
    temporal_api_key: SecretStr | None = None
    temporal_tls_cert: Path | None = None
    temporal_tls_key: Path | None = None

    api_host: str = "127.0.0.1"
    api_port: int = Field(default=8000, ge=1, le=65535)
    temporal_port: int = Field(default=7233, ge=1, le=65535)
    temporal_ui_port: int = Field(default=8233, ge=1, le=65535)
    mail_port: int = Field(default=1025, ge=1, le=65535)

    smtp_host: str = "127.0.0.1"
    smtp_port: int = Field(default=1025, ge=1, le=65535)
    smtp_starttls: bool = False
    mail_from: str = "handslag@example.invalid"
    digest_minutes: int = Field(default=60, ge=0, le=24 * 60)
    webhook_allow: str = ""
    operator_mail: str | None = None
    sweep_minutes: int = Field(default=5, ge=1, le=60)

    token_issuer: str = "handslag-embedded"  # noqa: S105 - a name, not a secret
    token_audience: str = "handslag"  # noqa: S105 - a name, not a secret
    jwks: str = ""
    token: SecretStr | None = None

    @model_validator(mode="after")
    def _certificate_and_key_come_together(self) -> Self:
        if (self.temporal_tls_cert is None) != (self.temporal_tls_key is None):
            raise ValueError("temporal_tls_cert and temporal_tls_key must be set together")
        return self

    @field_validator("webhook_allow")
    @classmethod
    def _names_networks(cls, listed: str) -> str:
        try:
            [ip_network(n.strip()) for n in listed.split(",") if n.strip()]
        except ValueError:
            raise ValueError("must be networks, with commas between") from None
        return listed

    def require_database_url(self) -> str:
        """The database's address, secret included. Raises SettingsError when it is not set."""
        if self.database_url is None:
            raise _missing("database_url")
        return self.database_url.get_secret_value()

    def require_keyring_file(self) -> Path:
        """The keyring's path. Raises SettingsError when it is not set."""
        if self.keyring_file is None:
            raise _missing("keyring_file")
        return self.keyring_file


def load() -> Settings:
    """This process's settings. Raises SettingsError: one line a problem, without the values."""
    try:
        return Settings(_secrets_dir=_secrets_folder())
    except ValidationError as error:
        raise SettingsError("\n".join(_lines(error))) from None


def load_embedded() -> Settings:
    """Settings of an embedded run: the mode is embedded unless the environment names another."""
    os.environ.setdefault(f"{PREFIX}MODE", "embedded")
    return load()


def child_environment(changes: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with changes, for a process started from here."""
    return {**os.environ, **changes}


def _secrets_folder() -> Path | None:
    named = os.environ.get(f"{PREFIX}SECRETS_DIR")
    if named is None:
        return CONTAINER_SECRETS if CONTAINER_SECRETS.is_dir() else None
    if not Path(named).is_dir():
        raise SettingsError(f"{PREFIX}SECRETS_DIR names no folder")
    return Path(named)


def _lines(error: ValidationError) -> list[str]:
    found = error.errors(include_input=False, include_url=False, include_context=False)
    return [f"{_variable(item['loc'])}: {item['msg']}" for item in found]


def _variable(location: tuple[int | str, ...]) -> str:
    return PREFIX + "_".join(str(part) for part in location).upper() if location else "settings"


def _missing(field: str) -> SettingsError:
    return SettingsError(f"{PREFIX}{field.upper()} is not set")
