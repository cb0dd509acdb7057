"""E-mail by SMTP: STARTTLS or TLS with a verified certificate, plain only to this machine (config/alerts.py)."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from crm_pipeline.alerts.channel import PATIENCE, NotSentError
from crm_pipeline.alerts.message import Message
from crm_pipeline.config.alerts import MailSettings

PASSWORD = "CRM_PIPELINE_SMTP_PASSWORD"  # noqa: S105 - the name of the variable


class Mail:
    """Sends to the recipients of the settings."""

    name = "mail"

    def __init__(self, settings: MailSettings, password: str) -> None:
        self._settings = settings
        self._password = password

    def send(self, message: Message) -> str:
        """Returns that some recipients were refused: the others have it. Raises NotSentError."""
        try:
            with self._session() as session:
                refused = session.send_message(self._letter(message))
        except smtplib.SMTPAuthenticationError:
            raise NotSentError(f"the mail server refuses the log-in; check alerts.mail.user and {PASSWORD}") from None
        except smtplib.SMTPRecipientsRefused:
            raise NotSentError("the mail server refuses the recipients; check alerts.mail.to") from None
        except smtplib.SMTPNotSupportedError:
            raise NotSentError("the mail server has no STARTTLS or log-in; check alerts.mail.security") from None
        except smtplib.SMTPResponseException as error:
            raise NotSentError(f"the mail server answered {error.smtp_code}") from None
        except ssl.SSLCertVerificationError:
            raise NotSentError("the mail server's certificate is not valid for alerts.mail.server") from None
        except (OSError, smtplib.SMTPException) as error:
            raise NotSentError(f"the mail server cannot be reached ({type(error).__name__})") from None
        number = len(refused)
        return f"the mail server refuses {number} of the recipients; check alerts.mail.to" if number else ""

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        chosen = self._settings
        where = chosen.server, chosen.port
        if chosen.security == "tls":
            context = ssl.create_default_context()
            opened: smtplib.SMTP = smtplib.SMTP_SSL(*where, timeout=PATIENCE, context=context)
        else:
            opened = smtplib.SMTP(*where, timeout=PATIENCE)
        with opened as session:
            if chosen.security == "starttls":
                session.starttls(context=ssl.create_default_context())
            if chosen.user:
                session.login(chosen.user, self._password)
            yield session

    def _letter(self, message: Message) -> EmailMessage:
        letter = EmailMessage()
        letter["Subject"] = message.subject
        letter["From"] = self._settings.sender
        letter["To"] = ", ".join(self._settings.to)
        letter["Date"] = formatdate(localtime=False)
        letter["Message-ID"] = make_msgid(domain=self._settings.sender.partition("@")[2])
        letter["Auto-Submitted"] = "auto-generated"  # so that no out-of-office note answers
        letter.set_content(message.text)
        return letter
