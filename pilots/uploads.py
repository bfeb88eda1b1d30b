"""Files people attach: what is let in, and how it is kept. A name is only text; what counts is inside."""

import io
import stat
import zipfile
import zlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

import puremagic
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from pilots import scanning, storage
from pilots.drafting import NotEditable, may_edit
from pilots.models import Application, Upload

# Limits of design/trust.md H2: nothing here is ever unpacked, but those who download it will unpack it.
ZIP_TOTAL = 50 * 1024 * 1024
ZIP_RATIO = 100
ZIP_MEMBERS = 2000

# The harmless file by which every virus scanner is tested; its letters are kept apart so that none finds it here.
_TEST_VIRUS = b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE"
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ZIP = b"PK\x03\x04"
_ALSO = {"jpeg": "jpg"}
# Names of the main stream of an old Office file are stored in UTF-16.
_OLE_STREAMS = {"doc": ("WordDocument",), "xls": ("Workbook", "Book")}
_OFFICE_PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
_ARCHIVES = (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
_TRICKS = {
    "\u202a",
    "\u202b",
    "\u202c",
    "\u202d",
    "\u202e",
    "\u2066",
    "\u2067",
    "\u2068",
    "\u2069",
    "\u200b",
    "\ufeff",
}


def safe_name(name: str) -> str:
    """The last part of a given name without control and direction characters, at most 200 long."""
    name = PureWindowsPath(name or "").name
    name = "".join(char for char in name if char.isprintable() and char not in _TRICKS).strip(" .")
    stem, dot, ending = name.rpartition(".")
    return f"{stem[: 199 - len(ending)]}{dot}{ending}" if dot else name[:200]


def check(material: Any, name: str, data: bytes) -> str:
    """The format of a file that may be stored for `material`. Raises ValidationError, in words."""
    name = safe_name(name)
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    ending = _ALSO.get(ending, ending)
    formats = _("、").join(material.formats)
    if ending not in material.formats:
        raise _no(name, _("此处只收 %(formats)s 格式。") % {"formats": formats})
    if not data:
        raise _no(name, _("文件是空的（0 字节）。"))
    if len(data) > material.max_mb * 1024 * 1024:
        raise _no(
            name,
            _("大小 %(size)s，超过上限 %(max)s MB。") % {"size": filesizeformat(len(data)), "max": material.max_mb},
        )
    if _TEST_VIRUS in data:
        raise _no(name, _("文件疑似带有病毒，没有保存；请查杀后重新上传。"))
    if not _is(ending, data):
        raise _no(
            name,
            _("内容不是 %(ending)s 格式%(really)s。请用原软件另存后再上传，不要只改扩展名。")
            % {"ending": ending, "really": _really(data)},
        )
    if data.startswith(_ZIP):
        reason = zip_fault(data)
        if reason:
            raise _no(name, reason)
    reason = scanning.fault(data)
    if reason:
        raise _no(name, reason)
    return ending


@dataclass(frozen=True)
class CheckedFile:
    """A file that was read and may be stored."""

    name: str
    format: str
    data: bytes


def read(file: Any, limits: Any) -> CheckedFile:
    """Reads and checks an uploaded file against `limits` (formats, max_mb). Raises ValidationError, in words."""
    # Not even read when it says itself that it is too big.
    if file.size > limits.max_mb * 1024 * 1024:
        raise _no(
            safe_name(file.name),
            _("大小 %(size)s，超过上限 %(max)s MB。") % {"size": filesizeformat(file.size), "max": limits.max_mb},
        )
    if storage.is_short(file.size):
        raise _no(safe_name(file.name), no_room())
    data = file.read()
    return CheckedFile(safe_name(file.name), check(limits, file.name, data), data)


def no_room() -> str:
    """What people read while the volume of the files is full."""
    return _(
        "服务器存储空间不足（只剩 %(free)s），暂不接收文件；已填写的内容不受影响。请告知系统管理员，稍后再试。"
    ) % {"free": filesizeformat(storage.free())}


def _no(name: str, reason: str) -> ValidationError:
    return ValidationError(_("“%(name)s”没有上传：%(reason)s") % {"name": name, "reason": reason})


def _is(ending: str, data: bytes) -> bool:
    """True when the bytes are of that format by their own marks."""
    match ending:
        case "pdf":
            return data.startswith(b"%PDF-") and b"%%EOF" in data[-2048:]
        case "png":
            return data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR"
        case "jpg":
            return data.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in data[-64:]
        case "doc" | "xls":
            return data.startswith(_OLE) and any(part.encode("utf-16-le") in data for part in _OLE_STREAMS[ending])
        case _:
            return data.startswith(_ZIP) and (ending == "zip" or _has_part(data, _OFFICE_PARTS[ending]))


def _has_part(data: bytes, part: str) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
    return part in names and "[Content_Types].xml" in names


def _really(data: bytes) -> str:
    """What the bytes look like, for the message; empty when unknown."""
    try:
        found = puremagic.from_string(data[:4096]).lstrip(".")
    except (puremagic.PureError, ValueError):
        return ""
    return _("（看起来是 %(found)s）") % {"found": found} if found else ""


@dataclass(frozen=True)
class Limits:
    """What `check` needs to know where no rule of a material says it: formats and size in MB."""

    formats: tuple[str, ...]
    max_mb: int


@dataclass
class _Spent:
    """What an archive and the Office files inside it have used of the limits so far."""

    size: int = 0
    members: int = 0


def zip_fault(data: bytes, spent: _Spent | None = None) -> str:
    """Why an archive is not let in, or an empty string. The table of contents is read first."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _contents_fault(archive, len(data), spent)
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        zlib.error,
        NotImplementedError,
        OSError,
        ValueError,
        EOFError,
    ):
        return _("压缩包已损坏。")


def _contents_fault(archive: zipfile.ZipFile, size: int, spent: _Spent | None) -> str:
    outer = spent is None
    spent = spent or _Spent()
    members = archive.infolist()
    total = sum(member.file_size for member in members)
    spent.members += len(members)
    spent.size += total
    if spent.members > ZIP_MEMBERS:
        return _("压缩包内有 %(n)s 个文件，超过上限 %(max)s 个。") % {"n": spent.members, "max": ZIP_MEMBERS}
    if spent.size > ZIP_TOTAL:
        return _("解压后有 %(size)s，超过上限 %(max)s。") % {
            "size": filesizeformat(spent.size),
            "max": filesizeformat(ZIP_TOTAL),
        }
    if total > max(size, 1) * ZIP_RATIO:
        return _("压缩比例异常（超过 %(max)s 倍）。") % {"max": ZIP_RATIO}
    for member in members:
        fault = _name_fault(member) or _inside_fault(archive, member, spent, outer)
        if fault:
            return fault
    return ""


def _name_fault(member: zipfile.ZipInfo) -> str:
    given = member.orig_filename or member.filename
    path = PurePosixPath(given.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in given or "\x00" in given:
        return _("压缩包内有不安全的路径：%(name)s") % {"name": member.filename[:60]}
    if stat.S_ISLNK(member.external_attr >> 16):
        return _("压缩包内有链接文件：%(name)s") % {"name": member.filename[:60]}
    if member.flag_bits & 1:
        return _("压缩包加了密码，无法审阅。")
    if path.name.lower() == "vbaproject.bin":
        return _("文件带有宏，请另存为不含宏的格式。")
    return ""


def _inside_fault(archive: zipfile.ZipFile, member: zipfile.ZipInfo, spent: _Spent, outer: bool) -> str:
    """Archives within archives are refused. Office files are zip inside: one level of them is let in."""
    if member.is_dir():
        return ""
    with archive.open(member) as inside:
        head = inside.read(8)
    if head.startswith(_ZIP) and outer:
        inner = archive.read(member)
        if any(_has_part(inner, part) for part in _OFFICE_PARTS.values()):
            return zip_fault(inner, spent)
    if head.startswith((_ZIP, *_ARCHIVES)):
        return _("压缩包内还有压缩包：%(name)s") % {"name": member.filename[:60]}
    return ""


def keep(site: Any, material: str, given: CheckedFile | None, *, by: Any, at: datetime) -> Upload | None:
    """Stores a file that came with an act on a site; `given` is what `pilots.forms.fields.FileInput` cleaned."""
    if given is None:
        return None
    return Upload.objects.create(
        designation=site, material=material, name=given.name, format=given.format, size=len(given.data),
        sha256=storage.store(given.data), at=at, by=by,
    )  # fmt: skip


def attach(application: Application, material: Any, file: Any, *, by: Any, at: datetime) -> Upload:
    """Stores one file for a material in place of the one before. Raises ValidationError, or NotEditable."""
    given = read(file, material)
    with transaction.atomic():
        _locked(application, by)
        _room_for(application, material.code, given)
        digest = storage.store(given.data)
        _current(application, material.code).update(replaced_at=at)
        return Upload.objects.create(
            application=application,
            material=material.code,
            name=given.name,
            format=given.format,
            size=len(given.data),
            sha256=digest,
            at=at,
            by=by,
        )


def total_limit(rules: Any) -> int:
    """How many bytes the present files of one application may come to: the rules' number, capped by the installation's."""
    return min(rules.upload_total_mb, settings.UPLOAD_TOTAL_MB) * 1024 * 1024


def _room_for(application: Application, code: str, given: CheckedFile) -> None:
    """Raises ValidationError when a file would take an application over its limit; called under its lock."""
    rows = Upload.objects.filter(application=application, replaced_at__isnull=True).exclude(material=code)
    total, most = (rows.aggregate(n=Sum("size"))["n"] or 0) + len(given.data), total_limit(application.rules)
    if total > most:
        raise _no(given.name, _("本申报附件总大小将达 %(total)s，超过上限 %(max)s；请压缩后再上传。") % {
            "total": filesizeformat(total), "max": filesizeformat(most)})  # fmt: skip


def remove(application: Application, material_code: str, *, by: Any, at: datetime) -> int:
    """Takes the present file of a material out; its bytes stay for its revisions. Returns how many."""
    with transaction.atomic():
        _locked(application, by)
        return _current(application, material_code).update(replaced_at=at)


def _current(application: Application, code: str):
    return Upload.objects.filter(application=application, material=code, replaced_at__isnull=True)


def _locked(application: Application, by: Any) -> None:
    """The row lock of the application; a file cannot slip in after it was submitted."""
    row = (
        Application.objects.select_for_update(of=("self",))
        .select_related("batch__programme", "batch__rules_version", "rules_version", "place")
        .get(pk=application.pk)
    )
    if not may_edit(row, by, part="materials"):
        raise NotEditable
