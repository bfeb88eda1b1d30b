"""Offline codes: short, signed, and the same to Python and to a browser's script."""

import base64
from dataclasses import replace
from datetime import date

import pytest

from approvals.certificates import credential, offline
from approvals.certificates.credential import CredentialRefused
from approvals.certificates.signing.base import SigningError
from tests.approvals.signed import specimen
from tests.approvals.test_credential import FACTS, signers


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
