"""E-mail through SMTP; the body tells that something waits, never whom it is about."""

from email.message import EmailMessage
from email.utils import format_datetime

import aiosmtplib

from channels.texts import TEXTS
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
        try:
            await aiosmtplib.send(
                self.compose(notice),
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
        except (aiosmtplib.SMTPException, OSError) as error:
            raise TransportFailed("smtp_unavailable", permanent=False) from error

    def compose(self, notice: Notice) -> EmailMessage:
        """The message; the id lets a receiving system see a repetition."""
        text = TEXTS[notice.kind]
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = notice.address
        message["Subject"] = f"Handslag: {text.sv}"
        message["Date"] = format_datetime(notice.at)
        message["Message-ID"] = f"<{notice.id.replace(':', '.')}@handslag.invalid>"
        link = f"{self._public_url}/docs"
        message.set_content(
            f"{text.sv}\n{text.en}\n\nÖppna Handslag / Open Handslag: {link}\n"
            "Det här meddelandet innehåller inga patientuppgifter. "
            "This message holds no patient data.\n"
        )
        return message
