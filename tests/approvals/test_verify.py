"""The check page and what is published: anybody may ask, nobody learns what they did not hold in their hands."""

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals import published
from approvals.certificates import credential
from approvals.certificates.codes import new_code, pretty
from approvals.models import Certificate
from approvals.views.verify import same_number
from pilots import storage
from workflows import perform

pytestmark = pytest.mark.django_db


@pytest.fixture
def issued(office):
    return office.sealed()


def page(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["X-Robots-Tag"] == "noindex"
    return answer.content.decode()


def test_a_number_that_is_given_has_to_fit(client, issued):
    address = reverse("verify_code", args=[issued.code])
    for typed in (issued.serial, f"证书编号：{issued.serial}", issued.serial.replace("〔", "[").replace("〕", "]"),
                  issued.serial.replace("第", " 第 ")):  # fmt: skip
        assert "证书有效" in page(client, f"{address}?number={typed}"), typed
    wrong = issued.serial.replace("1号", "2号")
    assert wrong != issued.serial
    answer = page(client, f"{address}?number={wrong}")
    assert "查无此证" in answer
    assert issued.words["holder"] not in answer
    asked = client.get(reverse("verify"), {"code": issued.code.lower(), "number": issued.serial}, follow=True)
    assert "证书有效" in asked.content.decode()


@pytest.mark.parametrize(("typed", "same"), [("JJQ〔2017〕第00001号", True), ("jjq(2017)00001", False), ("", False)])
def test_numbers_are_compared_by_what_counts(typed, same):
    assert same_number(typed, "JJQ〔2017〕第00001号") is same


def test_unknown_wrong_and_waiting_look_and_cost_the_same(client, office):
    waiting = office.certificates().get()
    other = ("0" if waiting.code[0] != "0" else "1") + waiting.code[1:]
    seen = []
    # One that was given and does not count yet, one that could be given and never was, one with a slip, and no code at all.
    for code in (waiting.code, new_code(), other, "nonsense"):
        with CaptureQueriesContext(connection) as captured:
            answer = page(client, reverse("verify_code", args=[code]))
        assert "查无此证" in answer
        # But for what was typed, and the token of the form.
        looks = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer)
        for typed in (code, pretty(code)):
            looks = looks.replace(typed, "")
        seen.append((len(captured), looks))
    # What is only registered is asked with its relations: one row more, not one statement more.
    assert len({cost for cost, _looks in seen}) == 1
    assert len({looks for _cost, looks in seen}) == 1


def test_a_paper_that_never_was_is_unknown_after_it_was_taken_back(client, office):
    row = office.certificates().get()
    perform(row, "revoke", by=office.cast["head"], at=office.walk.at, reason="重复登记")
    assert "查无此证" in page(client, reverse("verify_code", args=[row.code]))
    assert client.get(reverse("verified_pdf", args=[row.code])).status_code == 404


def test_a_file_is_asked_about_by_its_hash(client, issued):
    answer = client.get(reverse("verify_file", args=[issued.sha256]), follow=True)
    text = answer.content.decode()
    assert "证书有效" in text
    assert "一个字节也没有改动" in text
    unknown = page(client, reverse("verify_file", args=["ab" * 32]))
    assert "不是本系统签发的文件" in unknown
    assert issued.serial not in unknown
    # A hash in the address alone does not make a page say that the file is the same.
    assert "一个字节" not in page(client, f"{reverse('verify_code', args=[issued.code])}?file={'ab' * 32}")


def test_the_credential_in_the_file_is_signed_by_a_published_key(client, issued):
    import io

    import pikepdf

    with pikepdf.open(io.BytesIO(storage.read(issued.sha256))) as pdf:
        held = json.loads(pdf.attachments["credential.json"].get_file().read_bytes())
    keys = client.get(reverse("verify_keys")).json()["keys"]
    read = credential.read(held["jws"], keys)
    assert read["credentialSubject"]["achievement"]["humanCode"] == issued.serial
    assert read["credentialStatus"][0]["statusListIndex"] == str(issued.pk)


def status(client, purpose, keys):
    answer = client.get(reverse("verify_status"), {"purpose": purpose})
    assert answer.headers["Content-Type"] == "application/vc+jwt"
    return credential.read(answer.content.decode(), keys)


def test_lists_say_what_does_not_count(client, office, issued):
    from django.core.cache import cache

    keys = client.get(reverse("verify_keys")).json()["keys"]
    for purpose in published.STATES:
        assert not credential.is_set(status(client, purpose, keys), issued.pk)
    perform(issued, "suspend", by=office.cast["head"], at=office.walk.at, reason="核查期间")
    # For some minutes a list may be the one that was signed before.
    assert not credential.is_set(status(client, "suspension", keys), issued.pk)
    cache.clear()
    assert credential.is_set(status(client, "suspension", keys), issued.pk)
    perform(Certificate.objects.get(pk=issued.pk), "revoke", by=office.cast["head"], at=office.walk.at, reason="造假")
    cache.clear()
    assert credential.is_set(status(client, "revocation", keys), issued.pk)
    assert not credential.is_set(status(client, "suspension", keys), issued.pk)
    assert client.get(reverse("verify_status"), {"purpose": "anything"}).status_code == 404


def test_an_offline_code_names_the_certificate_and_the_page_can_check_it(client, office, settings):
    settings.OFFLINE_QR = True
    from approvals import printing, sealing
    from approvals.certificates import offline

    issued = office.sealed()
    text = printing.printed_text(issued)
    address, _hash, fragment = text.verify_url.partition("#")
    keys = published.keys()["keys"]
    said = offline.read_offline(fragment, keys)
    assert said.code == issued.code
    assert said.printed == offline.fingerprint(issued.serial, issued.words["holder"])
    answer = page(client, reverse("verify_code", args=[issued.code]))
    assert "data-offline" in answer
    assert keys[0]["x"] in answer
    assert address.endswith(f"/v/{issued.code}/")
    assert sealing.check(storage.read(issued.sha256)).ok
