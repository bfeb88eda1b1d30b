"""A real browser against a live server. Any console error, and any request that leaves the server, fails the test."""

import os
import shutil

import pytest

from config.demo.seed import OPENING
from tests.world import build_world

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"]  # fmt: skip


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    if not os.path.exists(CHROMIUM):
        pytest.fail("no chromium: apt-get install chromium (make setup does it as root)")
    with sync_playwright() as engine:
        found = engine.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield found
        found.close()


@pytest.fixture
def demo_world(transactional_db):
    """The small country with the demonstration's clock set to its opening."""
    from django.utils import timezone

    from accounts.models import ClockShift, User

    world = build_world(OPENING)
    ClockShift.objects.update_or_create(pk=1, defaults={"seconds": int((OPENING - timezone.now()).total_seconds())})
    for user, name in (
        (world.cast.applicant(world.place("徐汇区")), "applicant"),
        (world.cast.province(world.place("上海市")), "province"),
    ):
        User.objects.filter(pk=user.pk).update(username=name, email=f"{name}@demo.invalid")
    return world


@pytest.fixture
def page(browser, live_server):
    """A page that fails its test on console errors and on requests to anywhere else."""
    context = browser.new_context(viewport={"width": 1360, "height": 900}, locale="zh-CN")
    page = context.new_page()
    page.set_default_timeout(15000)
    faults = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith((live_server.url, "data:", "blob:"))
            else faults.append(f"left the server: {request.url}"))  # fmt: skip
    page.faults = faults
    yield page
    context.close()
    assert faults == []
