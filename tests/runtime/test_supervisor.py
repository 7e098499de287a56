"""Up in order, kept up, and down again; also after the supervisor itself was killed."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from runtime.embedded.processes import Child, Ledger, PortTaken, free_port, runs, until
from runtime.embedded.services import Blocking, CommandService, Service, ServiceFailed, Step
from runtime.embedded.supervisor import AlreadyRunning, Supervisor, ledger_of

SLEEPS = "import time\nwhile True: time.sleep(60)"
DEAF = (
    "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('up', flush=True)\n"
)
RUN = """
import asyncio, sys
from pathlib import Path
from runtime.embedded.services import CommandService
from runtime.embedded.supervisor import Supervisor, ledger_of

async def ready():
    return True

home = Path(sys.argv[1])
names = ["one", "two"]
command = [sys.executable, "-c", "import time; time.sleep(600)"]
services = [
    CommandService(n, command, log=home / f"{n}.log", ready=ready, ledger=ledger_of(home))
    for n in names
]
supervisor = Supervisor(home, services, lambda *said: print(*said, flush=True))
sys.exit(asyncio.run(supervisor.run()))
"""


class Said:
    """Remembers the progress that was reported."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, str]] = []

    def __call__(self, name: str, stage: str, detail: str) -> None:
        self.lines.append((name, stage, detail))

    def stages(self) -> list[tuple[str, str]]:
        return [(name, stage) for name, stage, _ in self.lines]

    def count(self, name: str, stage: str) -> int:
        return self.stages().count((name, stage))


class SlowServer:
    """A server that waits in place until it is let go on."""

    name = "slow"

    def __init__(self) -> None:
        self.entered, self.may_go_on = threading.Event(), threading.Event()
        self.did: list[str] = []

    def start(self) -> None:
        self.entered.set()
        self.may_go_on.wait(20)
        self.did.append("started")

    def stop(self) -> None:
        self.did.append("stopped")

    def alive(self) -> bool:
        return self.did == ["started"]


async def at_once() -> bool:
    return True


def sleeper(home: Path, name: str, code: str = SLEEPS) -> CommandService:
    argv = [sys.executable, "-c", code]
    log = home / f"{name}.log"
    return CommandService(name, argv, log=log, ready=at_once, ledger=ledger_of(home), stop_within=5)


def pid_of(home: Path, name: str) -> int:
    return next(entry.pid for entry in ledger_of(home).entries() if entry.name == name)


@pytest.fixture
async def killed_run(tmp_path: Path) -> AsyncIterator[Path]:
    """The home folder of a supervisor that was killed with its services running."""
    log = tmp_path / "supervisor.out"
    first = Child.spawn("first", [sys.executable, "-c", RUN, str(tmp_path)], log)
    assert await until(lambda: "two ready" in log.read_text(), 20), log.read_text()
    os.kill(first.pid, signal.SIGKILL)
    assert await until(lambda: not first.alive(), 10)
    yield tmp_path
    await ledger_of(tmp_path).stop_leftovers()


async def test_services_start_in_order_and_stop_in_reverse_on_a_signal(tmp_path: Path) -> None:
    said, done = Said(), []

    async def migrate() -> None:
        done.append("migrated")

    migration = Step("migrate", migrate)
    services: list[Service] = [sleeper(tmp_path, "one"), migration, sleeper(tmp_path, "two")]
    run = asyncio.create_task(Supervisor(tmp_path, services, said).run())
    assert await until(lambda: ("two", "ready") in said.stages(), 20)
    processes = [psutil.Process(entry.pid) for entry in ledger_of(tmp_path).entries()]
    os.kill(os.getpid(), signal.SIGTERM)
    assert await run == 0
    assert done == ["migrated"]
    assert not any(runs(process) for process in processes)
    assert ledger_of(tmp_path).entries() == []
    names = ["one", "migrate", "two"]
    assert said.stages() == [
        *((name, stage) for name in names for stage in ("starting", "ready")),
        *((name, stage) for name in reversed(names) for stage in ("stopping", "stopped")),
    ]


async def test_a_service_that_dies_is_started_again(tmp_path: Path) -> None:
    said = Said()
    services = [sleeper(tmp_path, "one"), sleeper(tmp_path, "two")]
    supervisor = Supervisor(tmp_path, services, said)
    run = asyncio.create_task(supervisor.run())
    assert await until(lambda: said.count("two", "ready") == 1, 20)
    before, bystander = pid_of(tmp_path, "two"), pid_of(tmp_path, "one")
    os.kill(before, signal.SIGKILL)
    assert await until(lambda: said.count("two", "ready") == 2, 20)
    assert pid_of(tmp_path, "two") != before
    assert pid_of(tmp_path, "one") == bystander
    assert said.count("two", "restarting") == 1
    supervisor.stop()
    assert await run == 0


async def test_a_start_that_fails_stops_what_was_started(tmp_path: Path) -> None:
    said = Said()
    services = [
        sleeper(tmp_path, "one"),
        CommandService(
            "two",
            [sys.executable, "-c", "raise SystemExit(3)"],
            log=tmp_path / "two.log",
            ready=never,
            ledger=ledger_of(tmp_path),
        ),
        sleeper(tmp_path, "three"),
    ]
    assert await Supervisor(tmp_path, services, said).run() == 1
    assert ("two", "failed", f"ended with code 3; see {tmp_path / 'two.log'}") in said.lines
    assert said.count("one", "stopped") == 1
    assert said.count("three", "starting") == 0
    assert ledger_of(tmp_path).entries() == []


async def test_a_signal_while_starting_stops_what_is_half_started(tmp_path: Path) -> None:
    said = Said()
    slow = CommandService(
        "slow",
        [sys.executable, "-c", SLEEPS],
        log=tmp_path / "slow.log",
        ready=never,
        ledger=ledger_of(tmp_path),
    )
    run = asyncio.create_task(Supervisor(tmp_path, [slow], said).run())
    assert await until(lambda: len(ledger_of(tmp_path).entries()) == 1, 20)
    process = psutil.Process(pid_of(tmp_path, "slow"))
    os.kill(os.getpid(), signal.SIGINT)
    assert await run == 0
    assert not runs(process)


async def test_a_blocking_server_still_starting_at_the_signal_is_stopped_afterwards(
    tmp_path: Path,
) -> None:
    said, slow = Said(), SlowServer()
    supervisor = Supervisor(tmp_path, [Blocking(slow)], said)
    run = asyncio.create_task(supervisor.run())
    assert await until(slow.entered.is_set, 20)
    supervisor.stop()
    assert await until(lambda: said.count("slow", "stopping") == 1, 20)
    assert slow.did == []
    slow.may_go_on.set()
    assert await run == 0
    assert slow.did == ["started", "stopped"]


async def test_a_deaf_service_is_stopped_all_the_same(tmp_path: Path) -> None:
    log = tmp_path / "deaf.log"
    deaf = Child.spawn("deaf", [sys.executable, "-c", DEAF + SLEEPS], log)
    assert await until(lambda: "up" in log.read_text(), 20)
    await deaf.stop(within=0.2)
    assert deaf.exit_code == -signal.SIGKILL


async def test_what_a_killed_run_left_is_stopped_by_the_next(killed_run: Path) -> None:
    left = [psutil.Process(entry.pid) for entry in ledger_of(killed_run).entries()]
    assert [runs(process) for process in left] == [True, True]
    said = Said()
    supervisor = Supervisor(killed_run, [sleeper(killed_run, "one")], said)
    run = asyncio.create_task(supervisor.run())
    assert await until(lambda: ("one", "ready") in said.stages(), 20)
    assert not any(runs(process) for process in left)
    assert ("two", "stopped", "left over from an earlier run") in said.lines
    supervisor.stop()
    assert await run == 0


async def test_a_stranger_with_a_number_of_ours_is_left_alone(tmp_path: Path) -> None:
    stranger = Child.spawn("stranger", [sys.executable, "-c", SLEEPS], tmp_path / "log")
    born = psutil.Process(stranger.pid).create_time()
    entry = {"name": "ours", "pid": stranger.pid, "create_time": born - 3600}
    (tmp_path / "processes.json").write_text(json.dumps([entry]))
    assert await ledger_of(tmp_path).stop_leftovers() == []
    assert stranger.alive()
    stranger.kill()


async def test_a_second_run_in_the_same_home_is_refused(tmp_path: Path) -> None:
    said = Said()
    first = Supervisor(tmp_path, [sleeper(tmp_path, "one")], said)
    run = asyncio.create_task(first.run())
    assert await until(lambda: ("one", "ready") in said.stages(), 20)
    with pytest.raises(AlreadyRunning, match=str(tmp_path)):
        await Supervisor(tmp_path, [], said).run()
    first.stop()
    assert await run == 0


@pytest.mark.parametrize(
    ("what", "variable"),
    [("API", "HANDSLAG_API_PORT"), ("Temporal UI", "HANDSLAG_TEMPORAL_UI_PORT")],
)
async def test_a_taken_port_is_named_with_the_setting_to_change(
    tmp_path: Path, what: str, variable: str
) -> None:
    said = Said()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        supervisor = Supervisor(tmp_path, [sleeper(tmp_path, "one")], said, ports={what: port})
        with pytest.raises(PortTaken) as refused:
            await supervisor.run()
    assert str(refused.value) == f"Port {port} ({what}) is taken; set {variable} to another."
    assert said.lines == []


async def test_a_command_that_is_not_there_is_said(tmp_path: Path) -> None:
    service = CommandService("no", ["/no/such/program"], log=tmp_path / "no.log", ready=at_once)
    with pytest.raises(ServiceFailed, match="cannot run /no/such/program"):
        await service.start()


def test_a_damaged_ledger_is_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "processes.json").write_text("[{")
    assert Ledger(tmp_path / "processes.json").entries() == []


def test_a_free_port_can_be_had() -> None:
    assert free_port() > 1023


async def never() -> bool:
    return False


def test_the_runtime_imports_nothing_heavier_than_it_needs() -> None:
    code = "import sys, runtime.settings; print('temporalio' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "False"
