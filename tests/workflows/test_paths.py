"""Every path of every programme of the catalogue ends where it must."""

import pytest

from config.demo.paths import PATHS
from pilots.rules.document import cached
from tests.world import _texts
from workflows import ledger


def _cases():
    for code in _texts():
        for name in PATHS:
            if PATHS[name].possible(cached(_texts()[code])):
                yield pytest.param(code, name, id=f"{code}-{name}")


@pytest.mark.parametrize(("code", "name"), list(_cases()))
def test_a_path_reaches_its_end(world, code, name, monkeypatch):
    # What the PDF looks like is tested elsewhere; here only that one is made.
    monkeypatch.setattr("workflows.handlers.render", lambda text: b"%PDF-" + text.serial.encode())
    from config.demo.world import first_place

    walk = world.walk(code)
    place = first_place(walk.programme, world.cast)
    PATHS[name].live(walk, place)
    rows = walk.batch.applications.order_by("pk")
    # A path may choose another place, where this one cannot go its way.
    application = rows.filter(place=place).first() or rows.first()
    site = getattr(application, "designation", None)
    certificate = walk.certificate
    reached = (application.state, site and site.state, certificate and certificate.state)
    end = PATHS[name].end(walk.programme.current.rules)
    assert reached == (end.application, end.designation, end.certificate)
    for case in (walk.batch, application, site, certificate):
        if case is not None:
            case.refresh_from_db()
            assert ledger.verify(case) == []
