"""An officer who has never seen TOML makes a programme from a copy, a head publishes it, a batch is opened with it."""

import pytest
from playwright.sync_api import expect

from pilots.models import Programme, RulesDraft
from tests.e2e.people import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TRIAL = "/programmes/service_cluster_trial_zone/"


def saved(page):
    """Waits until what was typed has reached the server."""
    expect(page.locator("[data-savestate]").first).to_have_attribute("data-state", "saved")


def press(page, selector):
    """Presses a button of the form and waits for the page that comes back; words under way are sent first."""
    with page.expect_navigation():
        page.locator(selector).click()


def keep(page):
    """Presses the button that saves the page and stays on it."""
    press(page, '.savebar button[name="stay"]')


def test_from_a_copy_to_an_open_batch(page, live_server, demo_world):
    visitor = Visitor(page, live_server.url)
    visitor.become("officer")
    visitor.go(TRIAL)
    visitor.press("复制为新项目")
    visitor.fill("name", "国家知识产权服务出口基地")
    visitor.fill("short_name", "出口基地")
    visitor.press("建立草案")
    draft = RulesDraft.objects.get()
    home = draft.get_absolute_url()

    # Values are saved as they are typed.
    visitor.go(f"{home}part/basics/")
    page.locator('[name="name.en"]').fill("National IP Service Export Base")
    page.locator('[name="short_name.en"]').fill("Export base")
    page.locator('[name="short_name.en"]').blur()
    saved(page)

    # A mistake is told where it was made, and what was typed stays.
    visitor.go(f"{home}part/applicants/")
    page.locator('[name="quota.places"]').fill("三个")
    keep(page)
    expect(page.locator("#id_quota_places")).to_have_value("三个")
    assert "须为整数" in page.locator("main").inner_text()
    page.locator('[name="quota.places"]').fill("3")
    keep(page)

    # A question is added, named and moved up; another one is taken away and put back.
    visitor.go(f"{home}part/form/?at=section.0")
    press(page, 'button[value="add:section.0.field"]')
    row = page.locator("#row_section_0_field_6")
    if row.locator("details").first.get_attribute("open") is None:
        row.locator("summary").first.click()
    row.locator('[name="section.0.field.6.name.zh"]').fill("年出口额")
    row.locator('[name="section.0.field.6.name.en"]').fill("Exports a year")
    row.locator('[name="section.0.field.6.type"]').select_option("money")
    keep(page)
    if page.locator("#row_section_0_field_6 > details").get_attribute("open") is None:
        page.locator("#row_section_0_field_6 summary").first.click()
    press(page, 'button[value="up:section.0.field.6"]')
    if page.locator("#row_section_0_field_0 > details").get_attribute("open") is None:
        page.locator("#row_section_0_field_0 summary").first.click()
    press(page, 'button[value="del:section.0.field.0"]')
    press(page, 'button[value="undo"]')
    visitor.go(f"{home}preview/")
    assert "年出口额" in page.locator("main").inner_text()

    # A stage finds its place by itself.
    visitor.go(f"{home}part/stages/")
    page.locator('[name="new_stage"]').select_option("PREF")
    press(page, 'button[value="add:stage"]')
    visitor.go(f"{home}check/")
    assert "规则可以读取" in page.locator("main").inner_text()

    visitor.act(home, "提交审核", note="新设出口基地项目。")
    visitor.become("head")
    visitor.act(home, "发布规则")
    programme = Programme.objects.get(code=draft.code)
    assert programme.current.rules.quota.places == 3
    assert programme.current.rules.uses("PREF")

    visitor.become("officer")
    visitor.go("/batches/new/")
    page.locator('[name="programme"]').select_option(draft.code)
    visitor.press("下一步")
    visitor.fill("title", "2018年国家知识产权服务出口基地申报")
    visitor.fill("closes_on", "2018-06-01")
    visitor.fill("call_text", "现组织开展申报工作。")
    page.locator("main form button.btn--primary").last.click()
    page.wait_for_load_state()
    batch = programme.batches.get()
    visitor.act(batch.get_absolute_url(), "发布申报通知")
    batch.refresh_from_db()
    assert batch.state == "open"
    visitor.go(f"/calls/{batch.uuid}/")
    assert "市级审核" in page.locator("main").inner_text()
