"""Offline codes: short, signed, and the same to Python and to a browser's script."""

import base64
import json
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings

from approvals.certificates import credential, offline
from approvals.certificates.credential import CredentialRefused
from approvals.certificates.signing.base import SigningError
from tests.approvals.signed import specimen
from tests.approvals.test_credential import FACTS, signers

SCRIPTS = Path(settings.BASE_DIR) / "templates" / "static" / "pilotage"
MORE = """
globalThis.self = globalThis;
const input = JSON.parse(require("fs").readFileSync(0, "utf8"));
for (const name of ["offline.js", "filehash.js"]) require("vm").runInThisContext(require("fs").readFileSync(input.folder + "/" + name, "utf8"));
"""


def node(script: str, **given):
    source = f"{MORE}\n(async () => {{ {script} }})();"
    run = subprocess.run(
        ["node", "-e", source],
        input=json.dumps({"folder": str(SCRIPTS), **given}),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(run.stdout)


def keys():
    return credential.jwks(specimen().signer.chain[:1])["keys"]


def test_it_is_short_and_says_what_is_printed():
    token = offline.offline_token(FACTS, specimen().signer)
    assert (token[0], len(token)) == ("#", 145)
    # What QR codes write in their alphanumeric mode.
    assert set(token[1:]) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    found = offline.read_offline(token, keys())
    assert (found.code, found.valid_to) == (FACTS.code, FACTS.valid_to)
    assert found.printed == offline.fingerprint(FACTS.serial, FACTS.holder)
    assert found.printed != offline.fingerprint(FACTS.serial, "别的单位")
    assert token == offline.offline_token(FACTS, specimen().signer)


@pytest.mark.parametrize("last", [None, date(2000, 1, 2), date(2099, 12, 31)])
def test_days_far_away(last):
    token = offline.offline_token(replace(FACTS, valid_to=last), specimen().signer)
    assert offline.read_offline(token, keys()).valid_to == last


def test_every_changed_character_is_refused():
    token = offline.offline_token(FACTS, specimen().signer)
    for place in range(1, len(token)):
        bad = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(CredentialRefused):
            offline.read_offline(bad, keys())
    for bad in ("", "#", "#AAAA", "#0189", token[:-2], token + "AA"):
        with pytest.raises(CredentialRefused):
            offline.read_offline(bad, keys())


def test_signatures_made_for_something_else_do_not_fit():
    """A JWS over the same bytes is no offline code."""
    signer = specimen().signer
    data = base64.b32decode(offline.offline_token(FACTS, signer)[1:])[:26]
    bare = base64.b32encode(data + credential.raw_signature(signer, data)).decode()
    with pytest.raises(CredentialRefused, match="does not fit"):
        offline.read_offline(bare, keys())


def test_rsa_does_not_fit_into_a_small_code():
    with pytest.raises(SigningError, match="P-256"):
        offline.offline_token(FACTS, signers()[1])


def test_the_script_says_the_same():
    token = offline.offline_token(FACTS, specimen().signer)
    other = credential.jwks([signers()[0].chain[0]])["keys"]
    swapped = token[:40] + ("A" if token[40] != "A" else "B") + token[41:]
    said = node(
        """
        const all = [];
        for (const [token, keys] of input.asked) all.push(await verifyOffline(token, keys));
        console.log(JSON.stringify({all, printed: await offlinePrinted(input.serial, input.holder)}));
        """,
        asked=[[token, keys()], [swapped, keys()], [token, other], ["#AB", keys()], ["#a-b", keys()]],
        serial=FACTS.serial, holder=FACTS.holder,
    )  # fmt: skip
    first = said["all"][0]
    assert (first["ok"], first["code"], first["validTo"]) == (True, FACTS.code, "2029-09-17")
    assert first["printed"] == said["printed"] == offline.fingerprint(FACTS.serial, FACTS.holder).hex()
    assert [one["reason"] for one in said["all"]] == ["", "signature", "key", "form", "form"]


def test_the_scripts_own_hash_is_sha_256():
    import hashlib

    sizes = [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000, 65_536, 1_048_577]
    said = node(
        """
        const all = [];
        for (const size of input.sizes) {
          const bytes = Uint8Array.from({length: size}, (_, i) => (i * 31 + (i >> 8)) & 255);
          all.push([await hashFile.plain(new Blob([bytes])), await hashFile(new Blob([bytes]))]);
        }
        console.log(JSON.stringify(all));
        """,
        sizes=sizes,
    )
    for size, found in zip(sizes, said, strict=True):
        right = hashlib.sha256(bytes((i * 31 + (i >> 8)) & 255 for i in range(size))).hexdigest()
        assert found == [right, right]
