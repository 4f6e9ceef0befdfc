"""Mail to people, through the SMTP server that is configured."""

from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Final

import msgspec

from enertrack.settings import Settings

LIMIT_S: Final = 20.0
PORTS: Final = {"starttls": 587, "tls": 465, "ninguna": 25}


class MailAway(Exception):
    """The server cannot be reached, or did not take the letter."""


class Letter(msgspec.Struct, frozen=True):
    """What is written to whom."""

    to: str
    subject: str
    text: str


async def send(settings: Settings, letter: Letter) -> None:
    """Hand a letter to the server, whose certificate must be good where it speaks TLS. Raises MailAway."""
    import aiosmtplib  # noqa: PLC0415 - most processes and most requests send nothing

    security, password = settings.enertrack_smtp_seguridad, settings.enertrack_smtp_clave
    try:
        await aiosmtplib.send(
            _message(settings, letter),
            hostname=settings.enertrack_smtp_host,
            port=settings.enertrack_smtp_puerto or PORTS[security],
            username=settings.enertrack_smtp_usuario,
            password=password.get_secret_value() if password else None,
            use_tls=security == "tls",
            start_tls=security == "starttls",
            timeout=LIMIT_S,
        )
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        raise MailAway(str(error)) from error


def _message(settings: Settings, letter: Letter) -> EmailMessage:
    sender = settings.enertrack_smtp_remitente or ""
    message = EmailMessage()
    message["From"] = f"EnerTrack <{sender}>"
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    return message
