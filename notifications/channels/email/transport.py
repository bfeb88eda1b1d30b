"""E-mail over SMTP (or whatever `EMAIL_URL` names): one connection for a batch, one mail per letter."""

from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPServerDisconnected

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils.translation import gettext_lazy as _

from notifications.channels.base import Channel, Letter, Permanent, Temporary
from notifications.channels.texts import fill

ORDER = 10
# The server hangs up; whatever comes next needs a new connection.
CLOSING = 421


class Email(Channel):
    """A person's mail box; what a server refuses for good is laid aside at once."""

    code, label, icon, personal = "email", _("电子邮件"), "mail", True
    modes, stored_as = ("now", "digest", "off"), "mail"

    def reaches(self, user):
        """True for whoever has an address."""
        return bool(user.email)

    def deliver(self, letters, at):
        """Hands the mails over one after the other; a lost connection is opened again once per mail."""
        connection, down = get_connection(), None
        try:
            for letter in letters:
                down = down or _open(connection)
                yield letter, down or _hand_over(_mail(letter, at, connection), connection)
        finally:
            _quietly_close(connection)


def _open(connection) -> Temporary | None:
    """Why the server cannot be reached; it is then not asked again for every letter of the batch."""
    try:
        connection.open()
    except (SMTPException, OSError) as error:
        _quietly_close(connection)
        return Temporary(f"连不上邮件服务器：{error}", f"The mail server cannot be reached: {error}", unsent=True)
    return None


def _hand_over(mail: EmailMessage, connection):
    try:
        mail.send()
    except SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()), (0, b""))
        if code == CLOSING:
            _quietly_close(connection)
        return _refused(code, words, mail.to[0])
    except SMTPDataError as error:
        return _refused(error.smtp_code, error.smtp_error, "")
    except (SMTPException, OSError) as error:
        if isinstance(error, (SMTPServerDisconnected, OSError)):
            # Django keeps a connection object that is dead; the next mail needs a new one.
            _quietly_close(connection)
        return Temporary(str(error) or type(error).__name__)
    return None


def _refused(code: int, words, address: str):
    """5xx is the server's last word (RFC 5321 §4.2.1); 4xx is "later"."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    text = " ".join(f"{code} {text}".split())[:300]
    if code < 500:
        return Temporary(f"邮件服务器暂时不收：{text}", f"The mail server does not take it now: {text}", unsent=True)
    return Permanent(f"邮件服务器拒收：{text}", f"The mail server refuses it: {text}", address=address)


def _quietly_close(connection):
    try:
        connection.close()
    except (SMTPException, OSError):
        # The other side was gone already.
        connection.connection = None


def _mail(letter: Letter, at, connection) -> EmailMessage:
    """One mail: the message itself, or a list of several."""
    first = letter.messages[0]
    subject, bodies = first.subject, [_with_link(row) for row in letter.messages]
    if len(bodies) > 1:
        subject = fill("email", "subject", letter.language, n=len(bodies))
        bodies = [f"{number}. {row.subject}\n{body}"
                  for number, (row, body) in enumerate(zip(letter.messages, bodies, strict=True), start=1)]  # fmt: skip
    return EmailMessage(
        subject,
        fill("email", "body", letter.language, text="\n\n".join(bodies), settings=f"{settings.SITE_URL}/me/telling/"),
        settings.DEFAULT_FROM_EMAIL,
        [letter.user.email],
        # Deterministic: a second try after a crash is recognisably the same mail.
        headers={
            "Message-ID": f"<{letter.id}@{settings.MAIL_DOMAIN}>",
            "Date": at.strftime("%a, %d %b %Y %H:%M:%S +0000"),
        },
        connection=connection,
    )


def _with_link(row) -> str:
    return row.body + (f"\n{settings.SITE_URL}{row.url}" if row.url else "")


CHANNEL = Email()
