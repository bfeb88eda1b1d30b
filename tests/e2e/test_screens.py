"""axe finds nothing on any screen, light, dark and on a phone; nothing scrolls sideways at 320 px."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from config.demo.paths import PATHS
from tests.e2e.people import Visitor
from tests.e2e.screens import screens
from workflows.beginnings import begin_rules_draft, register_objection

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# The server refuses and the browser notes it: those pages are among the screens.
EXPECTED = ("404 (Not Found)", "400 (Bad Request)")


@pytest.fixture
def furnished(demo_world):
    """Something on every screen: a batch issued, one under review, a draft, an objection."""
    done = demo_world.walk(at=demo_world.start)
    PATHS["return"].live(done, demo_world.place("广州开发区"))
    walk = demo_world.walk(at=done.at)
    walk.call()
    for place, step in (("海淀区", 3), ("江宁区", 0)):
        application = walk.apply(demo_world.place(place), submit=bool(step))
        if step:
            walk.assign(walk.check(walk.recommend(application)))
    walk.apply(demo_world.place("徐汇区"), submit=False)
    base = demo_world.programme().current
    begin_rules_draft(base, by=demo_world.cast["officer"], at=walk.at, text=base.text.replace("places = 2", 'places = "x"'),
                      code=base.programme.code, title=base.programme.name, new=False)  # fmt: skip
    register_objection(done.applications[0], at=walk.at, text="机构数量与公开数据不一致。")
    return demo_world


def look(page, visitor, screen, axe, wrong, mode):
    status = page.goto(f"{visitor.server}{screen.path}").status
    assert status < 400 or screen.name in ("not_found", "not_understood"), f"{screen.name}: {status}"
    result = axe.run(page, options=RULES)
    for violation in result.response["violations"]:
        nodes = [node["html"][:120] for node in violation["nodes"][:2]]
        wrong.append(f"{screen.name} {mode}: {violation['id']} {nodes}")


def visit(page, visitor, everything):
    """The screens, person by person, so that nobody signs in twice."""
    for who in dict.fromkeys(screen.who for screen in everything):
        page.context.clear_cookies()
        if who:
            visitor.become(who)
        for screen in everything:
            if screen.who == who:
                yield screen


# Some ninety pages; on a busy machine that takes its time.
@pytest.mark.timeout(900)
def test_every_screen_is_accessible(page, live_server, furnished):
    visitor, axe, wrong = Visitor(page, live_server.url), Axe(), []
    everything = screens()
    assert len(everything) > 38
    for screen in visit(page, visitor, everything):
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1360, "height": 900})
        look(page, visitor, screen, axe, wrong, "light")
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": 390, "height": 844})
        look(page, visitor, screen, axe, wrong, "dark, phone")
        page.set_viewport_size({"width": 320, "height": 700})
        if page.evaluate("() => document.documentElement.scrollWidth > window.innerWidth"):
            wrong.append(f"{screen.name}: scrolls sideways at 320 px")
    page.faults[:] = [fault for fault in page.faults if not any(one in fault for one in EXPECTED)]
    assert wrong == []


def test_axe_would_notice(page, live_server, furnished):
    """The planted positive: an image without a text alternative is found."""
    Visitor(page, live_server.url).go("/")
    page.evaluate(
        "() => { const image = document.createElement('img'); image.src = 'data:,'; document.querySelector('main').append(image); }"
    )
    found = {violation["id"] for violation in Axe().run(page, options=RULES).response["violations"]}
    assert "image-alt" in found
    page.faults.clear()
