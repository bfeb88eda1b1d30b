"""The name under which a browser saves an answer."""

from django.utils.http import content_disposition_header

from pilots.uploads import safe_name


def disposition(name: str, *, attachment: bool = True) -> str | None:
    """A Content-Disposition for `name`, whatever it holds: no line break, quote or path gets into the header (RFC 6266)."""
    return content_disposition_header(attachment, safe_name(name))
