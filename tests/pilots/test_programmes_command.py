"""`./manage.py programmes`: the linter's way out, publication once, and no second text under one number."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from pilots import catalogue
from pilots.models import Programme, RulesVersion

TRIAL = "service_cluster_trial_zone"


def run(*args):
    out = StringIO()
    call_command("programmes", *args, stdout=out)
    return out.getvalue()


@pytest.fixture
def own_catalogue(tmp_path, monkeypatch):
    """A catalogue that may be written to, with two of the documents."""
    for path in catalogue.files():
        if "zone" in path.stem:
            (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    return tmp_path


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_lint_of_the_catalogue():
    assert run("lint") == f"{len(catalogue.files())} documents in order\n"


def test_lint_names_file_line_and_level(tmp_path):
    path = tmp_path / "x.toml"
    path.write_bytes((catalogue.FOLDER / f"{TRIAL}.toml").read_bytes())
    change(path, "quorum = 5", "quorum = 9")
    line = path.read_text(encoding="utf-8").split("quorum = 9")[0].count("\n") + 1
    out = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("programmes", "lint", str(path), stdout=out)
    assert caught.value.returncode == 1
    assert out.getvalue() == f"{path}:{line}: error: scoring.quorum: 法定人数 9 大于专家人数 5\n"


def test_a_warning_is_no_error(tmp_path):
    path = tmp_path / "x.toml"
    path.write_bytes((catalogue.FOLDER / f"{TRIAL}.toml").read_bytes())
    change(path, 'path = "cutoff.max_places"', 'path = "cutoff.most"')
    said = run("lint", str(path))
    assert ": warning: " in said
    assert said.endswith("1 documents in order\n")


def test_lint_of_nothing(tmp_path):
    with pytest.raises(CommandError, match="不能读取"):
        run("lint", str(tmp_path / "absent.toml"))


def test_a_document_under_another_name_is_an_error(own_catalogue):
    (own_catalogue / f"{TRIAL}.toml").rename(own_catalogue / "trial.toml")
    with pytest.raises(CommandError):
        run("lint", str(own_catalogue / "trial.toml"))


@pytest.mark.django_db
def test_publication_happens_once():
    said = run("publish", "--all")
    assert said.count("已发布") == Programme.objects.count() == len(catalogue.files())
    first = dict(RulesVersion.objects.values_list("programme__code", "published_at"))
    assert None not in first.values()
    assert run("publish", "--all").count("没有变化") == len(first)
    assert dict(RulesVersion.objects.values_list("programme__code", "published_at")) == first
    programme = Programme.objects.get(code=TRIAL)
    assert (programme.name, programme.shape) == ("国家知识产权服务业集聚发展试验区", "I")
    assert programme.name_en
    assert programme.current.rules.number_prefix == "JJQ"
    assert len(programme.current.sha256) == 64


@pytest.mark.django_db
def test_another_text_needs_another_number(own_catalogue):
    run("publish", TRIAL)
    change(own_catalogue / f"{TRIAL}.toml", "max_places = 10", "max_places = 9")
    with pytest.raises(CommandError, match=r"2026\.2 已存有不同的文本"):
        run("publish", "--all")
    assert RulesVersion.objects.count() == 1, "nothing may be stored when one document is refused"
    change(own_catalogue / f"{TRIAL}.toml", 'version = "2026.2"', 'version = "2026.3"')
    change(own_catalogue / f"{TRIAL}.toml", 'en = "National IP Service', 'en = "The National IP Service')
    assert f"{TRIAL} 2026.3: 已发布" in run("publish", TRIAL)
    programme = Programme.objects.get(code=TRIAL)
    assert programme.versions.count() == 2
    assert programme.current.version == "2026.3"
    assert programme.current.rules.cutoff.max_places == 9
    assert programme.name_en.startswith("The National")


@pytest.mark.django_db
def test_documents_with_errors_are_not_published(own_catalogue):
    change(own_catalogue / f"{TRIAL}.toml", "weight = 40", "weight = 41")
    with pytest.raises(CommandError, match=rf"{TRIAL}\.toml:\d+: error: acceptance: 权重之和为 101"):
        run("publish", "--all")
    assert not Programme.objects.exists()


@pytest.mark.django_db
def test_a_stored_draft_of_the_same_text_is_published():
    run("publish", TRIAL)
    RulesVersion.objects.update(published_at=None)
    assert "未发布" in run("list")
    run("publish", TRIAL)
    assert RulesVersion.objects.get().published_at is not None


@pytest.mark.django_db
@pytest.mark.parametrize("args", [[], ["--all", TRIAL], ["nobody"]])
def test_what_to_publish_must_be_clear(args):
    with pytest.raises(CommandError):
        run("publish", *args)
    assert not Programme.objects.exists()


@pytest.mark.django_db
def test_list():
    run("publish", TRIAL)
    lines = dict(line.split(": ", 1) for line in run("list").splitlines())
    assert set(lines) == set(catalogue.codes())
    assert lines[TRIAL].startswith("2026.2，")
    assert lines["strong_city_creation"] == "未发布"
