"""What a process is told from outside."""

from pathlib import Path

import pytest

from runtime.settings import Settings, SettingsError, load


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"HANDSLAG_{name.upper()}", raising=False)
    monkeypatch.delenv("HANDSLAG_SECRETS_DIR", raising=False)


def test_a_missing_database_is_said_by_the_name_of_its_variable() -> None:
    with pytest.raises(SettingsError, match="HANDSLAG_DATABASE_URL is not set"):
        load().require_database_url()


def test_secrets_come_from_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "handslag_database_url").write_text("postgresql://from-a-file\n")
    monkeypatch.setenv("HANDSLAG_SECRETS_DIR", str(tmp_path))
    assert load().require_database_url() == "postgresql://from-a-file"
    assert "from-a-file" not in repr(load())


def test_every_problem_has_its_line_and_no_line_has_the_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HANDSLAG_API_PORT", "hemligt")
    monkeypatch.setenv("HANDSLAG_MODE", "dolt")
    with pytest.raises(SettingsError) as refused:
        load()
    lines = str(refused.value).splitlines()
    assert sorted(line.split(":")[0] for line in lines) == ["HANDSLAG_API_PORT", "HANDSLAG_MODE"]
    assert "hemligt" not in str(refused.value)
    assert "dolt" not in str(refused.value)


def test_a_certificate_without_its_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDSLAG_TEMPORAL_TLS_CERT", "/nowhere/cert.pem")
    with pytest.raises(SettingsError, match="temporal_tls_key must be set together"):
        load()


def test_an_empty_variable_is_no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDSLAG_API_PORT", "")
    assert load().api_port == 8000


def test_a_secrets_folder_that_is_not_there_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HANDSLAG_SECRETS_DIR", str(tmp_path / "missing"))
    with pytest.raises(SettingsError, match="HANDSLAG_SECRETS_DIR names no folder"):
        load()


def test_what_webhooks_may_lead_to_are_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDSLAG_WEBHOOK_ALLOW", "10.1.0.0/16, fd00::/8")
    assert load().webhook_allow == "10.1.0.0/16, fd00::/8"
    monkeypatch.setenv("HANDSLAG_WEBHOOK_ALLOW", "hemligt")
    with pytest.raises(SettingsError, match=r"^HANDSLAG_WEBHOOK_ALLOW: ") as refused:
        load()
    assert "hemligt" not in str(refused.value)
