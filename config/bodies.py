"""What may come in as the body of a request: no more than fits, and all of it (trust.md H1, F8)."""

import tempfile
from io import IOBase

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpResponse, HttpResponseBadRequest, UnreadablePostError
from django.template.loader import render_to_string

from pilots import storage


class CutOff(OSError):
    """The body ended before its announced length: the line was cut, and what came is half of something."""


class Whole(IOBase):
    """The body of a request of `length` bytes. Reading past a premature end raises CutOff.

    Neither the server nor the parser of forms minds an early end: half a text would be saved as the text, and a press
    whose file did not arrive would look like one without a file.
    """

    def __init__(self, stream, length):
        self._stream = stream
        self._left = length

    def read(self, size=-1, /):
        wanted = self._left if size is None or size < 0 else min(size, self._left)
        data = self._stream.read(wanted) if wanted else b""
        self._left -= len(data)
        if len(data) < wanted:
            raise CutOff
        return data

    def readline(self, size=-1, /):
        data = self._stream.readline(size)
        self._left -= len(data)
        if not data and self._left and size:
            raise CutOff
        return data

    def close(self):
        self._stream.close()
        super().close()


class BodyMiddleware:
    """Refuses a body that is too long before a byte of it is read, and one that was cut short before it is believed."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        length = _length(request)
        if length > settings.REQUEST_MB * 1024 * 1024:
            answer = HttpResponse(render_to_string("413.html", {"most": settings.REQUEST_MB}), status=413)
            # What was sent is not read: the connection cannot carry another request.
            answer.headers["Connection"] = "close"
            return answer
        if length:
            request._stream = Whole(request._stream, length)
        try:
            return self.get_response(request)
        finally:
            # The parser forgets the file it was writing when the line is cut.
            for handler in request.__dict__.get("_upload_handlers", ()):
                handler.upload_interrupted()

    def process_exception(self, _request, error):
        """Whoever hung up reads no answer; it is no fault of ours, either."""
        return HttpResponseBadRequest() if isinstance(error, UnreadablePostError) else None


def _length(request):
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


class Incoming(UploadedFile):
    """An uploaded file on the volume of the files, under a name nobody chose; it goes when it is closed."""

    def __init__(self, *, name, content_type, charset, content_type_extra):
        storage.incoming().mkdir(parents=True, exist_ok=True)
        file = tempfile.NamedTemporaryFile(prefix="upload-", dir=storage.incoming())  # noqa: SIM115 - closed with the request
        super().__init__(file, name, content_type, 0, charset, content_type_extra)


class QuarantineHandler(FileUploadHandler):
    """Writes what comes in beside the files of the installation, where the sweep finds what a crash left (trust.md F8)."""

    file = None

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        self.file = Incoming(name=self.file_name, content_type=self.content_type, charset=self.charset,
                             content_type_extra=self.content_type_extra)  # fmt: skip

    def receive_data_chunk(self, raw_data, start):
        self.file.write(raw_data)

    def file_complete(self, file_size):
        # From here on the request closes it.
        file, self.file = self.file, None
        file.seek(0)
        file.size = file_size
        return file

    def upload_interrupted(self):
        if self.file is not None:
            self.file.close()
            self.file = None
