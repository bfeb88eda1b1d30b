"""Passwords that everybody in the office would try are refused, in words (ASVS 5.0, 6.1.2)."""

from types import SimpleNamespace

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.passwords import office_words

SOMEBODY = SimpleNamespace(organisation=SimpleNamespace(name="徐汇区人民政府"), username="x", name="y", email="")


@pytest.fixture
def _site(settings):
    settings.SITE_URL = "https://shidian-baosong.ipoffice.gov.cn"
    settings.PASSWORD_WORDS = ["知识产权局", "Zhongnan"]


@pytest.mark.usefixtures("_site")
@pytest.mark.parametrize(
    "password",
    ["Pilotage2026!", "shidiantong123", "试点通试点通试点通2026", "baosong@20260", "Ipoffice#2026", "徐汇区人民政府2026!@",
     "XuHuiQuRenMinZhengFu1", "zhishichanquanju99", "zhongnan-2026", "pilotage-ipoffice-1"],
)  # fmt: skip
def test_a_word_of_the_office_with_a_few_figures_is_refused(password):
    with pytest.raises(ValidationError, match="名称"):
        validate_password(password, SOMEBODY)


@pytest.mark.usefixtures("_site")
@pytest.mark.parametrize("password", ["correct-horse-battery", "竹外桃花三两枝春江水暖鸭先知", "pilotage-vq8#Lm2xKw"])
def test_a_password_nobody_would_try_is_taken(password):
    """The planted positive: a word of the office does no harm where enough stands beside it."""
    validate_password(password, SOMEBODY)


@pytest.mark.usefixtures("_site")
def test_the_words_are_those_of_this_site_and_this_body():
    words = office_words(SOMEBODY)
    assert {"pilotage", "baosong", "ipoffice", "zhongnan", "知识产权局", "xuhuiqurenminzhengfu"} <= set(words)
    assert not {"gov", "cn", ""} & set(words)
    assert words == sorted(words, key=len, reverse=True)
