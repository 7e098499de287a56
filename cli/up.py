"""Everything on one machine: servers, schema, catalogue, worker and API, from one terminal."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
from rich.console import Console
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from cli.load import load, units
from cli.users import demo_users
from runtime.embedded.postgres import API, OWNER, WORKER, EmbeddedPostgres
from runtime.embedded.services import Blocking, CommandService, Service, Step
from runtime.embedded.supervisor import Stage, Supervisor, ledger_of
from runtime.embedded.temporal import EmbeddedTemporal
from runtime.issuer import EmbeddedIssuer
from runtime.keyring import Keyring
from runtime.private_file import write_private
from runtime.settings import Settings, SettingsError
from store import migrate
from workflows.attributes import SEARCH_ATTRIBUTES

ROOT = Path(__file__).resolve().parent.parent
HTTP_SECONDS = 2.0
Ready = Callable[[], Awaitable[bool]]


class House:
    """The services of an embedded run, in the order in which they need each other."""

    def __init__(self, config: Settings, *, time_skipping: bool = False) -> None:
        """`time_skipping` lets tests move a journey's clock; nobody else wants it."""
        self.config = config
        self._time_skipping = time_skipping
        self.home = config.home.resolve()
        self.ledger = ledger_of(self.home)
        self.postgres = EmbeddedPostgres(self.home / "postgres")
        self.issuer = EmbeddedIssuer(config)
        self.keyring_file = _keyring_file(self.home)
        self.address = f"http://{config.api_host}:{config.api_port}"

    def services(self) -> list[Service]:
        """All of them."""
        return [
            Blocking(self.postgres),
            Step("schema and catalogue", self._prepare),
            self._temporal(),
            self._mail_catcher(),
            self._python("worker", ["-m", "worker"], self._worker_ready()),
            self._python("api", ["-m", "api.app"], self._api_ready),
        ]

    def ports(self) -> dict[str, int]:
        """What must be free before anything is started."""
        return {
            "API": self.config.api_port,
            "Temporal": self.config.temporal_port,
            "Temporal UI": self.config.temporal_ui_port,
            "mail": self.config.mail_port,
        }

    async def _prepare(self) -> None:
        await asyncio.to_thread(self.postgres.ensure)
        owner = self.postgres.url(OWNER)
        await asyncio.to_thread(migrate.upgrade, owner)
        await load(owner, datetime.now(UTC).date(), demo=True)
        for name, role in (("worker", WORKER), ("api", API)):
            write_private(self._secrets(name) / "handslag_database_url", self.postgres.url(role))

    def _secrets(self, name: str) -> Path:
        folder = self.home / "secrets" / name
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def _temporal(self) -> EmbeddedTemporal:
        return EmbeddedTemporal(
            self.home / "temporal",
            self.config.temporal_port,
            self.config.temporal_ui_port,
            self.config.temporal_namespace,
            SEARCH_ATTRIBUTES,
            time_skipping=self._time_skipping,
            ledger=self.ledger,
        )

    def _mail_catcher(self) -> Service:
        port, folder = str(self.config.mail_port), str(self.home / "mail")
        argv = ["-m", "runtime.embedded.mail", "--port", port, "--folder", folder]
        return self._python("mail", argv, self._mail_ready)

    def _python(self, name: str, argv: list[str], ready: Ready) -> Service:
        return CommandService(
            name,
            [sys.executable, *argv],
            log=self.home / "logs" / f"{name}.log",
            ready=ready,
            env=self.environment(name),
            cwd=ROOT,
            ledger=self.ledger,
        )

    def environment(self, name: str) -> dict[str, str]:
        """What a process of this house is told."""
        return {
            "HANDSLAG_MODE": "embedded",
            "HANDSLAG_HOME": str(self.home),
            "HANDSLAG_SECRETS_DIR": str(self._secrets(name)),
            "HANDSLAG_KEYRING_FILE": str(self.keyring_file),
            "HANDSLAG_TEMPORAL_ADDRESS": f"127.0.0.1:{self.config.temporal_port}",
            "HANDSLAG_TEMPORAL_NAMESPACE": self.config.temporal_namespace,
            "HANDSLAG_API_HOST": self.config.api_host,
            "HANDSLAG_API_PORT": str(self.config.api_port),
            "HANDSLAG_SMTP_PORT": str(self.config.mail_port),
            "HANDSLAG_DIGEST_MINUTES": str(self.config.digest_minutes),
            "HANDSLAG_WEBHOOK_ALLOW": self.config.webhook_allow,
            "HANDSLAG_JWKS": str(self.issuer.jwks_path),
            "HANDSLAG_PUBLIC_URL": self.address,
            "HANDSLAG_LOG_JSON": "true",
        }

    async def _mail_ready(self) -> bool:
        return await _listens(self.config.mail_port)

    async def _api_ready(self) -> bool:
        try:
            async with httpx.AsyncClient(timeout=HTTP_SECONDS) as client:
                return (await client.get(f"{self.address}/health/ready")).status_code == 200
        except httpx.HTTPError:
            return False

    def _worker_ready(self) -> Ready:
        began = datetime.now(UTC)

        async def polls() -> bool:
            """Whether somebody has asked for work since this run began."""
            try:
                client = await Client.connect(
                    f"127.0.0.1:{self.config.temporal_port}",
                    namespace=self.config.temporal_namespace,
                )
                answer = await client.workflow_service.describe_task_queue(
                    DescribeTaskQueueRequest(
                        namespace=self.config.temporal_namespace,
                        task_queue=TaskQueue(name=self.config.temporal_task_queue),
                        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
                    )
                )
            except (RPCError, RuntimeError):
                return False
            seen = [p.last_access_time.ToDatetime(UTC) for p in answer.pollers]
            return any(at >= began for at in seen)

        return polls


async def up(config: Settings, console: Console) -> int:
    """Start everything, say where it is, and keep it up until told to stop."""
    house = House(config)
    told = False

    def say(name: str, stage: Stage, detail: str) -> None:
        nonlocal told
        style = {"ready": "green", "failed": "red", "restarting": "yellow"}.get(stage, "dim")
        console.print(f"[{style}]{name:<22} {stage}[/] {detail}")
        if (name, stage) == ("api", "ready") and not told:
            told = True
            _tell_addresses(house, console)

    supervisor = Supervisor(
        house.home, house.services(), say, ledger=house.ledger, ports=house.ports()
    )
    return await supervisor.run()


def _tell_addresses(house: House, console: Console) -> None:
    config = house.config
    console.print(f"\nAPI docs      {house.address}/docs")
    console.print(f"Temporal UI   http://127.0.0.1:{config.temporal_ui_port}")
    console.print(f"Caught mail   {house.home / 'mail'}\n")
    console.print("Demo logins: handslag login NAME")
    names = {unit.hsa_id: unit.name for unit in units()}
    for user in demo_users():
        console.print(f"  {user.username:<24} {names[user.unit]}: {', '.join(user.roles)}")
    console.print("Ctrl-C stops it all; the next start finds its data.")


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


def _keyring_file(home: Path) -> Path:
    """The keyring of this home, made on the first start."""
    path = home / "keyring.json"
    if not path.exists():
        if (home / "temporal").exists():
            raise SettingsError(f"{path} is gone, and without it nothing in {home} can be read")
        path.parent.mkdir(parents=True, exist_ok=True)
        Keyring.create(path)
    return path
