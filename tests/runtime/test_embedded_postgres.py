"""The real server: its passwords, its deaths and its returns."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from runtime.embedded.postgres import API, OWNER, ROLES, WORKER, EmbeddedPostgres
from runtime.embedded.postmaster import at_work_in, main_process
from runtime.embedded.unprivileged import PlaceRefused

CREATE = "CREATE TABLE IF NOT EXISTS promise (words text PRIMARY KEY)"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """One server for all, running and ensured; tests may kill it, and start it again."""
    found = EmbeddedPostgres(tmp_path_factory.mktemp("home") / "postgres")
    found.start()
    found.ensure()
    yield found
    found.destroy()


def address(server: EmbeddedPostgres, role: str, database: str = "handslag") -> str:
    return server.url(role, database).replace("postgresql+psycopg://", "postgresql://")


def data_of(server: EmbeddedPostgres) -> Path:
    with psycopg.connect(address(server, "postgres", "postgres")) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    return Path(row[0])


def keep(server: EmbeddedPostgres, words: str) -> None:
    with psycopg.connect(address(server, OWNER)) as connection:
        connection.execute(CREATE)
        connection.execute("INSERT INTO promise VALUES (%s)", [words])


def kept(server: EmbeddedPostgres) -> set[str]:
    with psycopg.connect(address(server, OWNER)) as connection:
        return {row[0] for row in connection.execute("SELECT words FROM promise")}


@pytest.mark.parametrize("role", ROLES)
def test_every_role_gets_in_with_its_own_password(server: EmbeddedPostgres, role: str) -> None:
    with psycopg.connect(address(server, role)) as connection:
        row = connection.execute("SELECT current_user").fetchone()
    assert row == (role,)


@pytest.mark.parametrize("role", [*ROLES, "postgres"])
def test_nobody_gets_in_without_or_with_anothers_password(
    server: EmbeddedPostgres, role: str
) -> None:
    right = address(server, role, "postgres")
    password = right.split("@")[0].rsplit(":", 1)[1]
    for wrong in ("", "guess", "0" * 48):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(right.replace(password, wrong), connect_timeout=5)


def test_it_listens_on_no_network(server: EmbeddedPostgres) -> None:
    for process in at_work_in(data_of(server)):
        inet = process.net_connections(kind="inet")
        assert [c for c in inet if c.status == psutil.CONN_LISTEN] == []


def test_passwords_and_socket_are_for_their_owner_only(server: EmbeddedPostgres) -> None:
    passwords = server.log.parent / "passwords.json"
    assert passwords.stat().st_mode & 0o077 == 0
    assert data_of(server).stat().st_mode & 0o077 == 0
    assert not (data_of(server).parent / "password").exists()


def test_ensuring_twice_changes_nothing(server: EmbeddedPostgres) -> None:
    before = server.url(API)
    server.ensure()
    assert server.url(API) == before
    psycopg.connect(address(server, API)).close()


def test_a_database_is_made_and_removed_with_whoever_is_in_it(server: EmbeddedPostgres) -> None:
    server.create_database("another")
    server.create_database("another")
    inside = psycopg.connect(address(server, WORKER, "another"))
    server.drop_database("another")
    with pytest.raises(psycopg.OperationalError):
        inside.execute("SELECT 1")
    inside.close()


def test_a_second_one_on_the_same_folder_adopts_the_running_server(
    server: EmbeddedPostgres,
) -> None:
    data = data_of(server)
    before = main_process(data)
    second = EmbeddedPostgres(server.log.parent)
    second.start()
    assert second.alive()
    assert main_process(data) == before
    assert second.url(API) == server.url(API)


def test_what_was_kept_is_there_after_a_stop(server: EmbeddedPostgres) -> None:
    keep(server, "before the stop")
    server.stop()
    assert not server.alive()
    with pytest.raises(psycopg.OperationalError):
        kept(server)
    server.start()
    assert "before the stop" in kept(server)


def test_it_comes_back_after_kill_nine_though_its_pid_file_names_a_stranger(
    server: EmbeddedPostgres,
) -> None:
    data = data_of(server)
    keep(server, "before the kill")
    server.kill()
    assert at_work_in(data) == []
    [socket_lock] = data.with_name("socket").glob("*.lock")
    for lock in (data / "postmaster.pid", socket_lock):
        lines = lock.read_text().splitlines()
        lock.write_text("\n".join([str(os.getppid()), *lines[1:]]) + "\n")
    server.start()
    assert "before the kill" in kept(server)
    assert psutil.pid_exists(os.getppid())


def test_it_comes_back_at_once_when_only_the_main_process_was_killed(
    server: EmbeddedPostgres,
) -> None:
    keep(server, "before the main process died")
    main = main_process(data_of(server))
    assert main is not None
    main.kill()
    EmbeddedPostgres(server.log.parent).start()
    assert "before the main process died" in kept(server)


def test_its_log_holds_nothing_that_was_written(server: EmbeddedPostgres) -> None:
    keep(server, "a secret of Alice's")
    with pytest.raises(psycopg.errors.UniqueViolation):
        keep(server, "a secret of Alice's")
    with (
        psycopg.connect(address(server, OWNER)) as connection,
        pytest.raises(psycopg.errors.InvalidTextRepresentation),
    ):
        connection.execute("SELECT 'a secret of Bob''s'::int")
    text = server.log.read_text()
    assert "ready to accept connections" in text
    assert "secret" not in text


def test_a_folder_is_found_again_when_it_has_moved_and_a_copy_is_refused(tmp_path: Path) -> None:
    first = EmbeddedPostgres(tmp_path / "first")
    first.start()
    first.ensure()
    keep(first, "here")
    first.stop()
    (tmp_path / "first").rename(tmp_path / "moved")
    moved = EmbeddedPostgres(tmp_path / "moved")
    moved.start()
    assert kept(moved) == {"here"}
    moved.stop()
    if (tmp_path / "moved" / "server").is_symlink():
        shutil.copytree(tmp_path / "moved", tmp_path / "copy", symlinks=True)
        with pytest.raises(PlaceRefused, match="is a copy of"):
            EmbeddedPostgres(tmp_path / "copy").start()
    moved.destroy()


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("long" * 15) / ("longer" * 10)
    server = EmbeddedPostgres(deep)
    server.start()
    server.ensure()
    psycopg.connect(address(server, API)).close()
    server.destroy()
    assert not deep.exists()
