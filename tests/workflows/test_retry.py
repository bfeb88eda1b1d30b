"""A deadlock the database has broken is tried again at the one door, and only that."""

from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.utils.datastructures import MultiValueDict

from workflows import retry
from workflows.retry import retried


def broken(code):
    error = OperationalError("planted")
    error.__cause__ = type("Cause", (Exception,), {"sqlstate": code})()
    return error


@pytest.fixture(autouse=True)
def waits(monkeypatch):
    """No transaction is open, and nobody waits; how often somebody would have."""
    found = []
    monkeypatch.setattr(retry, "connection", SimpleNamespace(in_atomic_block=False))
    monkeypatch.setattr(retry.time, "sleep", found.append)
    return found


def failing(times, code):
    tries = []

    def do():
        tries.append(1)
        if len(tries) <= times:
            raise broken(code)
        return len(tries)

    return do


@pytest.mark.parametrize("code", ["40001", "40P01"])
@pytest.mark.parametrize("times", [0, 1, 2])
def test_what_the_database_broke_off_is_done_in_the_end(waits, code, times):
    assert retried(failing(times, code)) == times + 1
    assert len(waits) == times


def test_after_three_tries_it_is_said(waits):
    with pytest.raises(OperationalError):
        retried(failing(3, "40P01"))
    assert len(waits) == 2


@pytest.mark.parametrize("code", ["55P03", "08006", "23505", ""])
def test_nothing_else_is_tried_again(waits, code):
    with pytest.raises(OperationalError):
        retried(failing(1, code))
    assert waits == []


def test_inside_a_transaction_nothing_is_tried_again(waits, monkeypatch):
    monkeypatch.setattr(retry, "connection", SimpleNamespace(in_atomic_block=True))
    with pytest.raises(OperationalError):
        retried(failing(1, "40P01"))
    assert waits == []


def test_files_are_read_from_the_beginning_again():
    file = SimpleUploadedFile("a.pdf", b"whole")
    read = []

    def do():
        read.append(file.read())
        if len(read) == 1:
            raise broken("40P01")

    retried(do, MultiValueDict({"file": [file]}))
    assert read == [b"whole", b"whole"]
