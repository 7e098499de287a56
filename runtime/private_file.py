"""Files that only their owner may read, written whole or not at all."""

import os
import tempfile
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Replace a file at once, readable by its owner only. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = _beside(path, text)
    written.replace(path)


def create_private(path: Path, text: str) -> None:
    """Like write_private, but raises FileExistsError where the file is there already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = _beside(path, text)
    try:
        path.hardlink_to(written)
    finally:
        written.unlink()


def _beside(path: Path, text: str) -> Path:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)
