"""Many stored files as one ZIP that is sent while it is made."""

import re
import zipfile

from pilots import storage


class _Sink:
    """What `zipfile` writes to when it may not seek: pieces that are taken away again."""

    def __init__(self):
        self.pieces = []

    def write(self, data):
        self.pieces.append(bytes(data))
        return len(data)

    def flush(self):
        """Nothing is held back."""

    def taken(self):
        pieces, self.pieces = b"".join(self.pieces), []
        return pieces


def safe(name):
    """*name* without what file systems refuse or take for a path."""
    return re.sub(r'[\\/:*?"<>|\x00-\x1f\u200e\u200f\u202a-\u202e\u2066-\u2069]', "_", name).strip(". ") or "file"


def zipped(files, day):
    """Bytes of a ZIP of (name, SHA-256) pairs, piece by piece; entries carry the date `day`. PDFs do not shrink: stored.

    The same files give the same bytes. A file that is missing from the disk breaks the stream rather than the archive's
    completeness: a ZIP that opens has everything.
    """
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for name, sha256 in files:
            entry = zipfile.ZipInfo(safe(name), (day.year, day.month, day.day, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, storage.read(sha256))
            yield sink.taken()
    yield sink.taken()
