"""E-mail through SMTP; the body tells that something waits, never whom it is about."""

from collections import Counter
from collections.abc import Sequence
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import format_datetime

import aiosmtplib

from channels.texts import DIGEST, TEXTS
from domain.notice import Notice, TransportFailed

# Shorter than an attempt at a delivery may take: no attempt is cut off half-way.
SECONDS = 6


class MailChannel:
    """Delivers to a function's mail address."""

    def __init__(
        self, host: str, port: int, sender: str, public_url: str, *, starttls: bool
    ) -> None:
        self._host = host
        self._port = port
        self._sender = sender
        self._public_url = public_url
        self._starttls = starttls

    async def send(self, notice: Notice) -> None:
        """Deliver. Raises `TransportFailed`; permanent when the server refuses for good."""
        if not notice.address:
            raise TransportFailed("no_address", permanent=True)
        await self.post(self.compose(notice))

    async def send_digest(self, notices: Sequence[Notice]) -> None:
        """Deliver notices to one address as one mail. Raises `TransportFailed`."""
        await self.post(self.compose_digest(notices))

    async def post(self, message: EmailMessage) -> None:
        """Hand a message to the mail server. Raises `TransportFailed`."""
        try:
            await aiosmtplib.send(
                message,
                hostname=self._host,
                port=self._port,
                start_tls=self._starttls,
                timeout=SECONDS,
            )
        except aiosmtplib.SMTPResponseException as error:
            raise TransportFailed(f"smtp_{error.code}", permanent=error.code >= 500) from error
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = {refused.code for refused in error.recipients}
            permanent = all(code >= 500 for code in codes)
            raise TransportFailed("smtp_recipient_refused", permanent=permanent) from error
        except aiosmtplib.SMTPNotSupported as error:
            raise TransportFailed("smtp_address", permanent=True) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            # A certificate that does not hold is a ValueError, too.
            raise TransportFailed("smtp_unavailable", permanent=False) from error
        except ValueError as error:
            raise TransportFailed("smtp_address", permanent=True) from error

    def compose(self, notice: Notice) -> EmailMessage:
        """The message; the id tells a repetition. Raises `TransportFailed` for a bad address."""
        text = TEXTS[notice.kind]
        return self._message(notice, text.sv, f"{text.sv}\n{text.en}\n")

    def compose_digest(self, notices: Sequence[Notice]) -> EmailMessage:
        """One message for many: how many of each kind, the first kind first."""
        counts = Counter(notice.kind for notice in notices)
        swedish = "".join(f"{n} × {TEXTS[kind].sv}\n" for kind, n in counts.items())
        english = "".join(f"{n} × {TEXTS[kind].en}\n" for kind, n in counts.items())
        total = {"count": len(notices)}
        told = f"{DIGEST.sv.format(**total)}\n{swedish}\n{DIGEST.en.format(**total)}\n{english}"
        return self._message(notices[0], DIGEST.sv.format(**total), told, kind="digest.")

    def _message(self, notice: Notice, subject: str, told: str, kind: str = "") -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._sender
        try:
            message["To"] = notice.address
        except (ValueError, IndexError, MessageError) as error:
            raise TransportFailed("smtp_address", permanent=True) from error
        message["Subject"] = f"Handslag: {subject}"
        message["Date"] = format_datetime(notice.at)
        message["Message-ID"] = f"<{kind}{notice.id.replace(':', '.')}@handslag.invalid>"
        link = f"{self._public_url}/docs"
        message.set_content(
            f"{told}\nÖppna Handslag / Open Handslag: {link}\n"
            "Det här meddelandet innehåller inga patientuppgifter. "
            "This message holds no patient data.\n"
        )
        return message
