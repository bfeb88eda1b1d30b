"""A thousand certificates in a real browser: approved, made by a worker that is killed in the middle, downloaded."""

import io
import subprocess
import sys
import zipfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.drills.house import ROOT, House, wait_until
from tests.e2e.people import Visitor

pytestmark = pytest.mark.browser
NUMBER = 1000


@contextmanager
def served(house, port):
    """The web server of a drill's installation."""
    command = [str(Path(sys.executable).parent / "gunicorn"), "config.wsgi:application", "--bind", f"127.0.0.1:{port}",
               "--workers", "1", "--threads", "4", "--worker-class", "gthread", "--log-level", "error"]  # fmt: skip
    with subprocess.Popen(command, cwd=ROOT, env=house.environment) as server:
        try:
            assert wait_until(lambda: answers(port), 60, 0.2)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def answers(port):
    import socket

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def watch(page, true, seconds):
    """Looks at the page as somebody who waits would; it has to change by itself."""
    for _n in range(seconds * 2):
        if true():
            return
        page.wait_for_timeout(500)
    pytest.fail(page.locator("main").inner_text())


@pytest.mark.timeout(900)
def test_a_thousand_certificates_are_issued_though_the_worker_is_killed(browser, tmp_path):
    house = House(tmp_path, f"sqlite:///{tmp_path / 'issue.sqlite3'}", {"PILOTAGE_DEMO": "1"})
    house.run("config.drills.filling", NUMBER, "waiting")
    context = browser.new_context(viewport={"width": 1360, "height": 900}, locale="zh-CN", accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(30_000)
    with served(house, free_port()) as address, house.nursery() as nursery:
        visitor = Visitor(page, address)
        visitor.become("head")
        visitor.go("/seals/")
        page.locator("main a.rowlink").first.click()
        page.wait_for_load_state()
        request = page.url.removeprefix(address)
        assert f"{NUMBER} 份证书" in page.locator("main").inner_text()
        visitor.act(request, "批准用印")
        visitor.go(request)
        card = page.locator(".job")
        first = nursery.start()
        # The card follows by itself, with the name of what was just issued and how long it will take.
        watch(page, lambda: int(card.locator("progress").get_attribute("value")) > 20, 120)
        assert "刚签发：" in card.inner_text()
        assert "预计还需" in card.inner_text()
        wait_until(lambda: nursery.issued() > NUMBER // 3, 120)
        assert nursery.kill(first)
        kept = nursery.issued()
        assert NUMBER // 3 < kept < NUMBER
        visitor.go(request)
        assert f"/ {NUMBER}" in card.inner_text()
        nursery.expire()
        second = nursery.start()
        watch(page, lambda: f"已签发 {NUMBER} 份证书" in card.inner_text(), 300)
        nursery.wait(second)
        assert nursery.issued() == NUMBER
        visitor.become("officer")
        visitor.go(request)
        with page.expect_download(timeout=120_000) as download:
            page.get_by_role("link", name="下载全部（ZIP）").click()
        with zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())) as archive:
            assert len(set(archive.namelist())) == NUMBER
            assert archive.testzip() is None
    context.close()
