"""Writes the secret files that docker-compose.yml names, once: `make secrets`.

The files are readable by all and their folder by its owner only: a container runs as another user,
and compose hands a file over with the rights that it has here.
"""

import secrets
import sys
from pathlib import Path

from runtime.keyring import Keyring

FOLDER = Path(__file__).resolve().parent.parent / ".handslag" / "production"


def write_all(folder: Path) -> None:
    """Make the folder and every file. Raises FileExistsError: secrets are never replaced here."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700)
    for name in ("postgres_password", "temporal_password"):
        (folder / name).write_text(secrets.token_hex(24))
    for role in ("owner", "worker", "api"):
        place = f"handslag_{role}:{secrets.token_hex(24)}@postgres:5432/handslag"
        (folder / f"{role}_database_url").write_text(f"postgresql+psycopg://{place}")
    Keyring.create(folder / "keyring.json")
    for path in folder.iterdir():
        path.chmod(0o444)


if __name__ == "__main__":
    try:
        write_all(FOLDER)
    except FileExistsError:
        sys.exit(f"{FOLDER} is there already; secrets are never replaced by this command.")
    sys.stdout.write(f"Secrets are in {FOLDER}. Keep a copy of keyring.json elsewhere.\n")
