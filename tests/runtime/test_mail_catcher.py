"""Mail that goes no further than a folder."""

import smtplib
import sys
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from runtime.embedded.processes import Child, free_port, until


def hears(port: int) -> bool:
    try:
        smtplib.SMTP("127.0.0.1", port, timeout=5).quit()
    except OSError:
        return False
    return True


async def test_a_message_becomes_a_file_and_the_catcher_ends_when_asked(tmp_path: Path) -> None:
    port, folder = free_port(), tmp_path / "caught"
    words = ["-m", "runtime.embedded.mail", "--port", str(port), "--folder", str(folder)]
    catcher = Child.spawn("mail", [sys.executable, *words], tmp_path / "mail.log")
    try:
        assert await until(lambda: hears(port), 20)
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = "a@example.org", "b@example.org", "Hej på"
        letter.set_content("Överlämning väntar.")
        with smtplib.SMTP("127.0.0.1", port, timeout=5) as client:
            client.send_message(letter)
    finally:
        await catcher.stop()
    assert catcher.exit_code == 0, (tmp_path / "mail.log").read_text()
    [caught] = folder.iterdir()
    assert caught.suffix == ".eml"
    read = message_from_bytes(caught.read_bytes(), policy=default)
    assert read["Subject"] == "Hej på"
    assert caught.stat().st_mode & 0o077 == 0
