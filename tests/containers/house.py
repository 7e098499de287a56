"""An embedded run whose two servers are containers, made by the scripts of production."""

import asyncio
import runpy
import time
from datetime import timedelta
from pathlib import Path

import psycopg
from sqlalchemy import make_url
from testcontainers.core.container import DockerContainer

from cli.up import House
from runtime.keyring import Keyring
from runtime.settings import Settings
from runtime.temporal import connect
from tests.world import Servers, embedded_settings
from workflows.attributes import SEARCH_ATTRIBUTES

ROOT = Path(__file__).resolve().parent.parent.parent
POSTGRES = "postgres:18.4-bookworm"
TEMPORAL = "temporalio/temporal:1.9.1"
PATIENCE = 120.0


class ContainerPostgres:
    """PostgreSQL with the roles that production makes, and stands in for the embedded one."""

    def __init__(self, home: Path) -> None:
        self.name = "postgres"
        self._secrets = home / "production"
        runpy.run_path(str(ROOT / "deploy/make_secrets.py"))["write_all"](self._secrets)
        init = "/docker-entrypoint-initdb.d/create_databases.sh"
        self._container = (
            DockerContainer(POSTGRES)
            .with_env("POSTGRES_USER", "postgres")
            .with_env("POSTGRES_PASSWORD_FILE", "/run/secrets/postgres_password")
            .with_volume_mapping(str(self._secrets), "/run/secrets", "ro")
            .with_volume_mapping(str(ROOT / "deploy/create_databases.sh"), init, "ro")
            .with_exposed_ports(5432)
        )

    def start(self) -> None:
        """Start it and wait until the owner gets in."""
        self._secrets.chmod(0o755)
        self._container.start()
        give_up_at = time.monotonic() + PATIENCE
        while not self._answers():
            assert time.monotonic() < give_up_at, "PostgreSQL's container does not answer"
            time.sleep(0.5)

    def stop(self) -> None:
        """Stop it, its files with it."""
        self._container.stop()

    def alive(self) -> bool:
        """A container is watched by its engine."""
        return True

    def ensure(self) -> None:
        """The script has made everything."""

    def destroy(self) -> None:
        """What the story left behind."""
        self.stop()

    def url(self, role: str) -> str:
        """SQLAlchemy's address for a role, password included."""
        name = role.removeprefix("handslag_")
        url = make_url((self._secrets / f"{name}_database_url").read_text())
        host, port = self._container.get_container_host_ip(), self._container.get_exposed_port(5432)
        return url.set(host=host, port=int(port)).render_as_string(hide_password=False)

    def _answers(self) -> bool:
        try:
            address = self.url("handslag_owner").replace("postgresql+psycopg", "postgresql")
            psycopg.connect(address, connect_timeout=3).close()
        except psycopg.OperationalError:
            return False
        return True


class ContainerTemporal:
    """A development server in a container, on the port that the house has chosen."""

    def __init__(self, config: Settings) -> None:
        self.name = "temporal"
        self._config = config
        words = ["server", "start-dev", "--headless", "--ip", "0.0.0.0"]
        words += ["--namespace", config.temporal_namespace]
        words += ["--dynamic-config-value", "frontend.WorkflowTimeSkippingEnabled=true"]
        for name, kind in SEARCH_ATTRIBUTES.items():
            words += ["--search-attribute", f"{name}={kind}"]
        self._container = (
            DockerContainer(TEMPORAL)
            .with_command(words)
            .with_bind_ports(7233, config.temporal_port)
        )

    async def start(self) -> None:
        """Start it and wait until it answers. Raises TemporalUnavailable."""
        await asyncio.to_thread(self._container.start)
        keyring = Keyring.generate()
        await connect(self._config, keyring, patience=timedelta(seconds=PATIENCE))

    async def stop(self) -> None:
        """Stop it."""
        await asyncio.to_thread(self._container.stop)

    def alive(self) -> bool:
        """A container is watched by its engine."""
        return True


class ContainerHouse(House):
    """The house on containers."""

    def __init__(self, config: Settings) -> None:
        super().__init__(config, time_skipping=True)
        self.containers = ContainerPostgres(self.home)
        self.postgres = self.containers  # type: ignore[assignment]

    def _temporal(self) -> ContainerTemporal:  # type: ignore[override]
        return ContainerTemporal(self.config)


class ContainerServers(Servers):
    """Every process of the house, two of them in containers."""

    def __init__(self, home: Path) -> None:
        self.config = embedded_settings(home)
        self.house = ContainerHouse(self.config)
        self.services = {service.name: service for service in self.house.services()}
