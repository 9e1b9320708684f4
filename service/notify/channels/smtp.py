"""E-mail by SMTP (RFC 5321): ``smtps://`` is TLS from the start, ``smtp://`` uses STARTTLS wherever it is offered.

Certificates are checked, except on this machine itself, where mail servers commonly have a home-made one. A password
never crosses a network in the clear. A refusal with a 5xx code is final; everything else may pass, a wrong password
too: the studio's owner will correct it.
"""

from __future__ import annotations

import ipaddress
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from service.kit.translate import N_
from service.notify.channel import TryLater, Undeliverable
from service.settings import Settings

TIMEOUT_SECONDS = 30.0
_PORTS = {"smtps": 465, "smtp": 25}
_SUBMISSION = 587


def open_channel(settings: Settings) -> Smtp:
    """The server that ``TILLPAID_SMTP_URL`` names. Port: 465 for smtps, else 587 with a password and 25 without."""
    url = urlsplit(settings.mail.smtp_url)
    port = url.port or (_SUBMISSION if url.scheme == "smtp" and url.username else _PORTS[url.scheme])
    name, password = unquote(url.username or ""), unquote(url.password or "")
    return Smtp(url.hostname or "localhost", port, tls_first=url.scheme == "smtps", name=name, password=password)


class Smtp:
    """A ``Channel``: one connection a message, for a studio sends few."""

    outcome = "sent"

    def __init__(
        self,
        host: str,
        port: int,
        *,
        tls_first: bool = False,
        name: str = "",
        password: str = "",
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        self.host = host
        self.port = port
        self.tls_first = tls_first
        self.name = name
        self.password = password
        self.timeout = timeout

    def deliver(self, message: EmailMessage, name: str) -> None:  # noqa: ARG002 - the Message-ID carries it
        try:
            with self._connected() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            raise _refusal(code, words) from error
        except smtplib.SMTPNotSupportedError as error:
            raise Undeliverable(N_("The mail server cannot take an address in this script.")) from error
        except smtplib.SMTPAuthenticationError as error:
            raise TryLater(N_("The mail server refused our name and password."), error.smtp_code) from error
        except smtplib.SMTPConnectError as error:
            raise TryLater(N_("The mail server takes no mail now."), error.smtp_code) from error
        except smtplib.SMTPResponseException as error:
            raise _refusal(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            raise TryLater(N_("The mail server could not be reached."), type(error).__name__) from error

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """A connection that has greeted, is encrypted where it can be, and has signed in where it must."""
        context = self._tls()
        if self.tls_first:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
        with server:
            server.ehlo()
            secure = self.tls_first
            if not secure and server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
                secure = True
            if self.name:
                if not secure and not self._is_here():
                    raise TryLater(N_("The mail server offers no encryption, so our password was not sent."))
                server.login(self.name, self.password)
            yield server

    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self._is_here():
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def _is_here(self) -> bool:
        """Whether the server is this machine."""
        try:
            return self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def _refusal(code: int, words: bytes | str) -> Undeliverable | TryLater:
    """What the server said, as our error: 5xx is final (RFC 5321, 4.2.1)."""
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    kind = Undeliverable if 500 <= code < 600 else TryLater
    return kind(N_("The mail server did not take the message."), f"{code}: {' '.join(said.split())[:300]}")
