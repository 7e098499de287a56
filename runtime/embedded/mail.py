"""A mail server that delivers nothing: every message becomes a file to look at."""

import argparse
import asyncio
import os
import signal
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from aiosmtpd.smtp import SMTP, Envelope, Session

_HOST = "127.0.0.1"
_LARGEST = 10_000_000


class MailFolder:
    """Takes every message and writes it as one ``.eml`` file, named by the time it came."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Write one message, whole or not at all."""
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
        await asyncio.to_thread(self._write, f"{stamp}-{uuid4().hex[:8]}.eml", envelope)
        return "250 kept"

    def _write(self, name: str, envelope: Envelope) -> None:
        unfinished = self._folder / f".{name}"
        unfinished.write_bytes(envelope.original_content or b"")
        unfinished.chmod(0o600)
        unfinished.rename(self._folder / name)


async def serve(folder: Path, port: int) -> None:
    """Catch mail in a folder until SIGTERM or SIGINT. Raises OSError when the port is taken."""
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    server = await loop.create_server(
        lambda: SMTP(MailFolder(folder), data_size_limit=_LARGEST, loop=loop), _HOST, port
    )
    async with server:
        await stopped.wait()
        server.close()


def main() -> None:
    """``python -m runtime.embedded.mail --port 1025 --folder .handslag/mail``"""
    words = argparse.ArgumentParser(description="Catch mail as files.")
    words.add_argument("--port", type=int, required=True)
    words.add_argument("--folder", type=Path, required=True)
    given = words.parse_args()
    os.umask(0o077)
    given.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(serve(given.folder, given.port))


if __name__ == "__main__":
    main()
