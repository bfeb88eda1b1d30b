#!/usr/bin/env python3
"""Checks an evidence export without the system that made it. Standard library; `cryptography` where it is installed.

    python3 verify.py              the folder this file lies in, or FOLDER or FILE.zip given as argument

Exit code 0: everything holds. 1: something was changed; every reason is printed. The signature is checked where the
package `cryptography` is installed; otherwise the command for openssl is printed and the rest is checked.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import zipfile
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Callable, Iterable

# China has had one time since 1991.
SHANGHAI = timezone(timedelta(hours=8))
DIGEST = re.compile(r"[0-9a-f]{64}")
Read = Callable[[str], bytes]


def sha256(data: bytes) -> str:
    """Hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def moment(text: str) -> str:
    """An instant as people in China read it."""
    return datetime.fromisoformat(text).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def timeline(case: Any, rows: list[Any], anchor: Any) -> str:
    """What was done, from the hashed texts; the words for codes are those in case.json."""
    told = [case["name"], f"办理记录 {len(rows)} 条"]
    if anchor:
        told.append(f"锚定第 {anchor['number']} 号，{moment(anchor['at'])}，根哈希 {anchor['root']}")
    for row in rows:
        said = json.loads(row["text"])
        act = case["words"].get(f"act {said['act']}", said["act"])
        role = case["words"].get(f"role {said['role']}", said["role"])
        who = said["actor_name"] + (f"（{role}）" if role != said["actor_name"] else "")
        moved = f"{said['from']} → {said['to']}" if said["from"] != said["to"] else said["to"]
        told += ["", f"{row['seq']}. {moment(said['at'])}  {who}  {act}（{said['act']}）", f"   状态：{moved}"]
        told += [f"   代理：{said['on_behalf']}"] if said["on_behalf"] else []
        told += [f"   理由：{said['reason']}"] if said["reason"] else []
        told.append(f"   哈希：{row['hash']}")
    return "\n".join(told) + "\n"


def named_files(rows: list[Any]) -> str:
    """SHA-256 of files and lists the rows name, as `sha256sum` prints them: hash, then row and what the row calls it."""
    return "".join(
        f"{value}  row {row['seq']} {name}\n"
        for row in rows
        for name, value in strings("", json.loads(row["text"])["facts"])
        if DIGEST.fullmatch(value)
    )


def strings(name: str, value: Any) -> Iterable[tuple[str, str]]:
    """(name, text) of every text in nested facts."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from strings(f"{name}.{key}".lstrip("."), item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(name, item)


def included(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> bool:
    """RFC 9162, 2.1.3.2."""
    if not 0 <= index < size:
        return False
    left, last, top = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if left & 1 or left == last:
            top = node(sibling, top)
            while not left & 1 and left:
                left, last = left >> 1, last >> 1
        else:
            top = node(top, sibling)
        left, last = left >> 1, last >> 1
    return last == 0 and top == root


def check_rows(case: Any, rows: list[Any]) -> Iterable[str]:
    """The chain: each row's hash is over the hash before it and its own text."""
    previous = ""
    for number, row in enumerate(rows, start=1):
        where = f"row {row['seq']}"
        if row["seq"] != number:
            yield f"{where}: row {number} is missing"
        if row["previous"] != previous:
            yield f"{where}: it does not follow the row before"
        if sha256(f"{row['previous']}\n{row['text']}".encode()) != row["hash"]:
            yield f"{where}: its text or its hash was changed"
        said = json.loads(row["text"])
        if (said["case"], said["model"], said["seq"]) != (case["uuid"], case["model"], row["seq"]):
            yield f"{where}: it is of another case or another place"
        previous = row["hash"]
    if (case["version"], case["head"]) != (len(rows), previous):
        yield "case: its head is not the last row"


def check_proofs(case: Any, rows: list[Any], anchor: Any) -> Iterable[str]:
    """The log: each row is in the tree whose root was anchored."""
    size, root = anchor["size"], bytes.fromhex(anchor["root"])
    waiting = [row["seq"] for row in rows if row["place"] is None]
    if waiting != case["not_anchored"]:
        yield "case: other rows lack a proof than the export says"
    for row in rows:
        if row["place"] is None:
            continue
        leaf = f"row {case['model']} {case['uuid']} {row['seq']} {row['hash']}".encode()
        proof = [bytes.fromhex(one) for one in row["proof"]]
        if not included(hashlib.sha256(b"\x00" + leaf).digest(), row["place"], size, proof, root):
            yield f"row {row['seq']}: it is not in the anchored log"


def check_line(read: Read) -> Iterable[str]:
    """The anchor: the files that openssl is given are the line that was written."""
    line = json.loads(read("anchor.jsonl"))
    if read("anchor.signed") != f"{line['before']}\n{line['body']}".encode():
        yield "anchor: anchor.signed is not what the line says"


def check_reading(case: Any, rows: list[Any], anchor: Any, read: Read) -> Iterable[str]:
    """What is there for people to read says what the rows say."""
    if read("timeline.txt").decode() != timeline(case, rows, anchor):
        yield "timeline.txt: it does not say what the rows say"
    if read("files.txt").decode() != named_files(rows):
        yield "files.txt: it does not name the files the rows name"


def check_signature(read: Read, names: set[str]) -> tuple[list[str], str]:
    """(problems, note) of the signature over anchor.signed."""
    if "anchor.sig" not in names:
        return ["anchor: nobody signed this line"], ""
    try:
        from cryptography import x509
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec, padding
    except ImportError:
        return [], (
            "signature NOT checked (no package cryptography). With openssl:\n"
            "  openssl x509 -in signer.pem -pubkey -noout > key.pem\n"
            "  openssl dgst -sha256 -verify key.pem -signature anchor.sig anchor.signed"
        )
    chain = x509.load_pem_x509_certificates(read("signer.pem"))
    key: Any = chain[0].public_key()
    problems = []
    extra: tuple[Any, ...] = (
        (ec.ECDSA(hashes.SHA256()),)
        if isinstance(key, ec.EllipticCurvePublicKey)
        else (padding.PKCS1v15(), hashes.SHA256())
    )
    try:
        key.verify(read("anchor.sig"), read("anchor.signed"), *extra)
    except InvalidSignature:
        problems.append("anchor: the signature is not of this text and this signer")
    for child, issuer in zip(chain, chain[1:]):
        try:
            child.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature):
            problems.append("signer.pem: the certificates do not follow from one another")
    top = chain[-1].fingerprint(hashes.SHA256()).hex()
    return (
        problems,
        f"signed by {chain[0].subject.rfc4514_string()}\ncompare the last certificate's SHA-256 with the published one: {top}",
    )


def check(read: Read, names: set[str]) -> tuple[list[str], list[str]]:
    """(problems, notes) of an export whose files are read by name."""
    try:
        case = json.loads(read("case.json"))
        # Not splitlines: a reason may hold what Unicode calls a line end.
        rows = [json.loads(text) for text in read("rows.jsonl").decode().split("\n") if text]
        problems = list(check_rows(case, rows))
        notes = [f"{len(rows)} rows of {case['model']} {case['uuid']}"]
        if "anchor.jsonl" not in names:
            return [*problems, "anchor: there is none"], notes
        anchor = json.loads(json.loads(read("anchor.jsonl"))["body"])
        problems += [*check_proofs(case, rows, anchor), *check_line(read), *check_reading(case, rows, anchor, read)]
        wrong, note = check_signature(read, names)
        notes.append(f"anchor {anchor['number']} of {anchor['at']}: {anchor['rows']} rows, root {anchor['root']}")
        notes += [f"not anchored yet: rows {case['not_anchored']}"] if case["not_anchored"] else []
        return problems + wrong, [*notes, note]
    except (KeyError, ValueError, TypeError, OSError) as error:
        return [f"the export cannot be read: {type(error).__name__}: {error}"], []


def main() -> None:
    place = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent
    if place.is_dir():
        names = {one.name for one in place.iterdir()}
        problems, notes = check(lambda name: (place / name).read_bytes(), names)
    else:
        with zipfile.ZipFile(place) as archive:
            problems, notes = check(archive.read, set(archive.namelist()))
    for note in filter(None, notes):
        print(note)
    for problem in problems:
        print(f"REFUSED {problem}")
    print("REFUSED" if problems else "OK")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
