"""A thousand files that were changed after they were signed. The signature alone must find each of them.

The hash of the issued bytes finds all of them trivially; it is asked only to prove that every file is another one. What
counts here is the verdict of somebody who has the file and the root, and no database.
"""

import hashlib
import io
import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pikepdf
from asn1crypto import cms
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from approvals.certificates.signing import pades, verdict
from approvals.certificates.signing.verdict import Reason
from tests.approvals.signed import AT, NAME, REASON, plain, specimen

Tampered = tuple[str, bytes]


def container_of(pdf: bytes) -> tuple[int, int]:
    """Where the hexadecimal signature begins and ends, both ends included."""
    start = pdf.index(b"/Contents <") + len("/Contents ")
    return start, pdf.index(b">", start)


def flips(pdf: bytes, rng: random.Random, name: str, span: tuple[int, int], many: int) -> Iterator[Tampered]:
    for _ in range(many):
        place = rng.randint(*span)
        yield name, pdf[:place] + bytes([pdf[place] ^ 1 << rng.randrange(8)]) + pdf[place + 1 :]


def updates(pdf: bytes, rng: random.Random, many: int) -> Iterator[Tampered]:
    """Revisions appended by a writer that knows the format, as an editor would."""
    for turn in range(many):
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        page = writer.root["/Pages"]["/Kids"][0].get_object()
        match turn % 4:
            case 0:  # paint over the page
                paint = generic.StreamObject(stream_data=b"1 1 1 rg %d 0 400 300 re f" % rng.randrange(300))
                page["/Contents"] = generic.ArrayObject([page.raw_get("/Contents"), writer.add_object(paint)])
                writer.update_container(page)
            case 1:  # a note
                note = {"/Type": "/Annot", "/Subtype": "/FreeText", "/Contents": f"({rng.random()})"}
                made = generic.DictionaryObject({generic.pdf_name(k): generic.pdf_string(v) for k, v in note.items()})
                page[generic.pdf_name("/Annots")] = generic.ArrayObject([writer.add_object(made)])
                writer.update_container(page)
            case 2:  # another holder of the permissions
                writer.root[generic.pdf_name("/Perms")] = generic.DictionaryObject()
                writer.update_root()
            case _:  # nothing but an object nobody uses
                writer.add_object(generic.pdf_string(str(rng.random())))
        out = io.BytesIO()
        writer.write(out)
        yield "update", out.getvalue()


def resaved(pdf: bytes, rng: random.Random, many: int) -> Iterator[Tampered]:
    modes = [pikepdf.ObjectStreamMode.disable, pikepdf.ObjectStreamMode.generate, pikepdf.ObjectStreamMode.preserve]
    for turn in range(many):
        with pikepdf.open(io.BytesIO(pdf)) as document:
            if turn % 2:
                document.docinfo["/Keywords"] = str(rng.random())
            out = io.BytesIO()
            document.save(out, object_stream_mode=modes[turn % 3], linearize=turn % 5 == 0)
        yield "saved again", out.getvalue()


def swapped(pdf: bytes, many: int) -> Iterator[Tampered]:
    """The signature of another certificate of the same signer, put into this one."""
    start, end = container_of(pdf)
    page = plain(serial="知试验证字〔2026〕第00014号")
    for turn in range(many):
        other = pades.sign(page, specimen().signer, AT + timedelta(days=turn), reason=REASON, name=NAME)
        first, last = container_of(other)
        assert last - first == end - start
        yield "swapped", pdf[:start] + other[first:last] + pdf[end:]


def thousand(pdf: bytes) -> Iterator[Tampered]:
    rng = random.Random(20260918)
    start, end = container_of(pdf)
    used = start + 1 + len(pdf[start + 1 : end].rstrip(b"0"))
    yield from flips(pdf, rng, "bit of the file", (0, len(pdf) - 1), 420)
    yield from flips(pdf, rng, "bit of the signature", (start, used), 220)
    yield from flips(pdf, rng, "bit of the padding", (used, end), 100)
    for _ in range(80):
        yield "appended", pdf + rng.choice([b"\n", b"\0", b"%%EOF\n", rng.randbytes(rng.randint(1, 400))])
    for _ in range(80):
        yield "cut", pdf[: rng.randrange(len(pdf))]
    yield from updates(pdf, rng, 40)
    yield from resaved(pdf, rng, 40)
    yield from swapped(pdf, 20)


def test_a_thousand_changed_files_are_found_by_the_signature_alone(figures):
    it = specimen()
    assert verdict.check(it.signed, it.roots).ok
    original, missed, found = hashlib.sha256(it.signed).digest(), [], Counter()
    for number, (name, pdf) in enumerate(thousand(it.signed)):
        assert hashlib.sha256(pdf).digest() != original
        said = verdict.check(pdf, it.roots)
        if said.ok:
            missed.append((number, name))
        found[name] += 1
    figures(f"{sum(found.values())} changed files", f"{len(missed)} missed")
    assert missed == []
    assert sum(found.values()) == 1000, found


def test_letters_of_the_issuers_name_may_not_change_case():
    """Names are compared without regard to case, so such a signature still fits; found by flipping every bit once."""
    it = specimen()
    start, end = container_of(it.signed)
    der = bytes.fromhex(it.signed[start + 1 : end].decode())
    name = b"Pilotage demo root"
    # In this order: the certificate's issuer, the signer's identifier, an attribute that is signed.
    first = der.index(name, der.index(name) + 1)
    for place in (first + offset for offset, symbol in enumerate(name) if chr(symbol).isalpha()):
        changed = der[:place] + bytes([der[place] ^ 0x20]) + der[place + 1 :]
        pdf = it.signed[: start + 1] + changed.hex().encode() + it.signed[end:]
        assert verdict.check(pdf, it.roots).reasons == (Reason.CONTAINER,)


def test_nothing_can_be_hidden_between_the_fields_of_a_signature():
    """Longer outer lengths that swallow padding, and values no field reads; both pass a parser."""
    it = specimen()
    start, end = container_of(it.signed)
    room = bytes.fromhex(it.signed[start + 1 : end].decode())
    message = cms.ContentInfo.load(room)
    der, info = message.dump(), message["content"]["signer_infos"][0].dump()
    wrong = []
    for inner in (der, message["content"].dump(), info):
        # One NULL more at the end of the value, and every length around it two bytes longer.
        wrong.append(longer(der, der.index(inner), len(inner)))
    wrong.append(der[:2] + (int.from_bytes(der[2:4], "big") + 2).to_bytes(2, "big") + der[4:] + b"\0\0")
    for bad in wrong:
        text = bad.ljust(len(room), b"\0").hex().encode()
        pdf = it.signed[: start + 1] + text + it.signed[end:]
        assert verdict.check(pdf, it.roots).reasons == (Reason.CONTAINER,)


def longer(der: bytes, at: int, size: int) -> bytes:
    """*der* with a NULL added at the end of the value at *at*; all lengths on the way are of two bytes or one."""

    def grow(data: bytes, start: int, left: int) -> bytes:
        header = 4 if data[start + 1] == 0x82 else 3 if data[start + 1] == 0x81 else 2
        length = int.from_bytes(data[start + header - max(header - 2, 1) : start + header], "big")
        body = data[start + header : start + header + length]
        if left == 0:
            body += b"\x05\x00"
        else:
            place = 0
            while True:
                head = 4 if body[place + 1] == 0x82 else 3 if body[place + 1] == 0x81 else 2
                step = head + int.from_bytes(body[place + head - max(head - 2, 1) : place + head], "big")
                if place <= left - header < place + step:
                    body = body[:place] + grow(body, place, left - header - place) + body[place + step :]
                    break
                place += step
        return data[start : start + 1] + b"\x82" + len(body).to_bytes(2, "big") + body

    assert der[at : at + size]
    return grow(der, 0, at)
