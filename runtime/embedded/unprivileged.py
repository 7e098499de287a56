"""PostgreSQL refuses to run as root: root lends it an account, and a place it can reach."""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ACCOUNT_NAME = "handslag"
OUTSIDE = Path("/var/lib/handslag")


class PlaceRefused(Exception):
    """The server's files cannot be kept where they are, or belong to another folder."""


@dataclass(frozen=True, slots=True)
class Account:
    """A system account that owns nothing but the server's files."""

    name: str
    uid: int
    gid: int

    def may_enter(self, path: Path) -> bool:
        """Whether the account can get to a path; asked of the kernel, which knows all the rules."""
        asked = subprocess.run(  # noqa: S603 - fixed words
            ["/usr/bin/env", "test", "-x", str(path)],
            user=self.uid,
            group=self.gid,
            extra_groups=[],
            cwd="/",
            check=False,
        )
        return asked.returncode == 0


def lent_account() -> Account | None:
    """The account to run as, or None when this process is not root and can run it itself."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(ACCOUNT_NAME)
    except KeyError:
        entry = _new_account()
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def own_folder(path: Path, account: Account | None) -> Path:
    """A folder that only the server's account can open. Raises PlaceRefused if another owns it."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    expected = {os.geteuid()} | ({account.uid} if account else set())
    if path.is_symlink() or found.st_uid not in expected:
        raise PlaceRefused(f"{path} belongs to somebody else")
    if account:
        os.chown(path, account.uid, account.gid)
    path.chmod(0o700)
    return path


def place_for(folder: Path, account: Account | None) -> Path:
    """Where the server of a folder keeps its files: in it, or outside it behind a symbolic link.

    The link is followed for ever after, also when the folder is moved. Raises PlaceRefused when
    the files behind it belong to another folder, as after copying one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / "server"
    if not place.is_symlink() and not place.exists():
        _settle(place, account)
    if place.is_symlink():
        _claim(place)
    if account and not account.may_enter(place.resolve()):
        raise PlaceRefused(f"the account {account.name} cannot get to {place.resolve()}")
    return place.resolve()


def reachable_copy(root: Path, parts: Sequence[str], label: str, account: Account | None) -> Path:
    """The folder with the programs in it, or a copy of the parts that are needed when the
    account cannot get to them. Programs find their libraries by the way from one part to another.
    """
    if account is None or all(account.may_enter(root / part) for part in _present(root, parts)):
        return root
    copy = OUTSIDE / label
    if not copy.exists():
        OUTSIDE.mkdir(mode=0o755, parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(dir=OUTSIDE))
        for part in _present(root, parts):
            shutil.copytree(root / part, unfinished / part, symlinks=True)
        unfinished.chmod(0o755)
        _publish(unfinished, copy)
    return copy


def _present(root: Path, parts: Sequence[str]) -> list[str]:
    return [part for part in parts if (root / part).exists()]


def _new_account() -> pwd.struct_passwd:
    tool = shutil.which("useradd")
    if tool:
        # Its answer is not looked at: another process may have made the account just before.
        subprocess.run(  # noqa: S603 - fixed words
            [tool, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT_NAME],
            capture_output=True,
            check=False,
        )
    try:
        return pwd.getpwnam(ACCOUNT_NAME)
    except KeyError:
        return pwd.getpwnam("nobody")


def _settle(place: Path, account: Account | None) -> None:
    if account is None or account.may_enter(place.parent):
        place.mkdir(mode=0o755)
        return
    outside = _outside_for(place.parent) / f"server-{secrets.token_hex(8)}"
    outside.mkdir(mode=0o755, parents=True)
    (outside / "belongs-to").write_text(str(place), encoding="utf-8")
    place.symlink_to(outside)


def _outside_for(folder: Path) -> Path:
    # What was made to be thrown away is kept where things are thrown away.
    temporary = Path(tempfile.gettempdir()).resolve()
    return temporary if folder.is_relative_to(temporary) else OUTSIDE


def _claim(place: Path) -> None:
    note = place.resolve() / "belongs-to"
    if not note.exists():
        raise PlaceRefused(f"{place} leads to files that are gone; remove it to start afresh")
    owner = Path(note.read_text(encoding="utf-8"))
    if owner != place and owner.is_symlink() and owner.resolve() == place.resolve():
        raise PlaceRefused(f"{place} is a copy of {owner}; remove it to start afresh")
    note.write_text(str(place), encoding="utf-8")


def _publish(unfinished: Path, copy: Path) -> None:
    try:
        unfinished.rename(copy)
    except OSError:
        # Another process was first; two copies of one version are alike.
        shutil.rmtree(unfinished)
