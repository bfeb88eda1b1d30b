"""The files an operator copies: they parse, name commands and variables that exist, and are as careful as they say."""

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

ROOT = Path(settings.BASE_DIR)
DEPLOY = ROOT / "docs" / "deploy"
UNITS = sorted(DEPLOY.glob("pilotage-*"))
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
NGINX = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
# Read by others than us: images of the database, Python, pip, gunicorn's configuration beside these files.
OTHERS = re.compile(r"POSTGRES_|PIP_|PYTHON|^PATH$|^PROMETHEUS_MULTIPROC_DIR$|^FORWARDED_ALLOW_IPS$|^PILOTAGE_BIND$")


def unit(path):
    parsed = configparser.ConfigParser(strict=False, interpolation=None, comment_prefixes=("#",))
    parsed.optionxform = str
    parsed.read_string(path.read_text(encoding="utf-8"))
    return parsed


def documented():
    text = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
    return set(re.findall(r"^\| `([A-Z_]+)` \|", text, re.MULTILINE))


def named_variables():
    found = {}
    for path in (*UNITS, DEPLOY / "hardening.conf"):
        for name in re.findall(r"^Environment=([A-Z_]+)=", path.read_text(encoding="utf-8"), re.MULTILINE):
            found[name] = path.name
    for name in re.findall(r"^([A-Z_]+)=", (DEPLOY / "pilotage.env.example").read_text(encoding="utf-8"), re.MULTILINE):
        found[name] = "pilotage.env.example"
    for service in COMPOSE["services"].values():
        found |= dict.fromkeys(service.get("environment") or {}, "compose.yaml")
    for line in re.findall(r"^ENV ((?:.*\\\n)*.*)$", DOCKERFILE, re.MULTILINE):
        found |= dict.fromkeys(re.findall(r"\b([A-Z_]+)=", line), "Dockerfile")
    return found


def test_every_variable_they_name_exists():
    named = named_variables()
    assert {"SITE_URL", "SECRET_KEY_FILE", "PILOTAGE_STATIC", "DATABASE_URL"} <= set(named)
    assert {name: where for name, where in named.items() if name not in documented() and not OTHERS.search(name)} == {}


def command_lines():
    for path in SERVICES:
        yield from re.findall(r"^ExecStart=(.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    for service in COMPOSE["services"].values():
        words = service.get("command") or []
        yield " ".join(words) if isinstance(words, list) else words


def test_every_command_they_run_exists():
    lines = list(command_lines())
    ours = {name for line in lines for name in re.findall(r"manage\.py (\w+)", line)}
    assert {"backup", "ledger", "migrate"} <= ours
    assert ours <= set(get_commands())
    programs = {Path(line.split()[0]).name for line in lines if "/.venv/bin/" in line}
    assert programs == {"gunicorn", "celery", "python"}
    assert all((Path(sys.executable).parent / name).exists() for name in programs)
    for line in lines:
        if "--config" in line:
            assert (ROOT / re.search(r"--config (\S+)", line)[1]).exists()


# --- systemd --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units_are_read_and_know_their_way(path):
    parsed = unit(path)
    assert "Unit" in parsed
    if path.suffix == ".timer":
        assert (DEPLOY / f"{path.stem}.service").exists()
        assert parsed["Timer"]["Persistent"] == "yes", "a night on which the machine was off is made up for"
    if path.suffix == ".service" and parsed["Service"].get("Type") != "oneshot":
        assert parsed["Service"]["Restart"] == "always"
        assert parsed["Install"]["WantedBy"] == "multi-user.target"


def test_units_may_do_little():
    said = unit(DEPLOY / "hardening.conf")["Service"]
    for name in (
        "NoNewPrivileges",
        "PrivateTmp",
        "PrivateDevices",
        "ProtectHome",
        "ProtectKernelModules",
        "RestrictSUIDSGID",
    ):
        assert said[name] == "yes"
    assert said["ProtectSystem"] == "strict"
    assert said["CapabilityBoundingSet"] == ""
    assert said["User"] == "pilotage"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze on this machine")
def test_systemd_accepts_the_units(tmp_path):
    here = str(Path(sys.executable).parent)
    (tmp_path / "pilotage-.service.d").mkdir()
    shutil.copy(DEPLOY / "hardening.conf", tmp_path / "pilotage-.service.d")
    for path in UNITS:
        text = path.read_text(encoding="utf-8").replace("/opt/pilotage/current/.venv/bin", here)
        (tmp_path / path.name).write_text(text, encoding="utf-8")

    def verify():
        files = [str(path) for path in sorted(tmp_path.glob("pilotage-*")) if path.is_file()]
        return subprocess.run(
            ["systemd-analyze", "verify", "--man=no", *files], capture_output=True, text=True, check=False
        )

    done = verify()
    assert (done.returncode, [line for line in done.stderr.splitlines() if "pilotage" in line]) == (0, [])
    bad = tmp_path / "pilotage-beat.service"
    bad.write_text(bad.read_text(encoding="utf-8").replace("ExecStart=/", "ExecStart=nowhere/"), encoding="utf-8")
    assert "pilotage-beat" in verify().stderr, "the planted positive"


# --- compose and image ----------------------------------------------------------------------------------------------
def test_every_service_is_watched_and_may_do_little():
    services = COMPOSE["services"]
    assert {"db", "broker", "migrate", "web", "worker", "beat", "backup", "proxy"} == set(services)
    for name, service in services.items():
        if name not in ("migrate", "backup"):
            assert "healthcheck" in service, name
            assert service["restart"] == "unless-stopped"
        if service["image"] == "pilotage":
            assert service["read_only"] is True
            assert service["cap_drop"] == ["ALL"]
            assert service["security_opt"] == ["no-new-privileges:true"]
    assert [name for name, service in services.items() if service.get("ports")] == ["proxy"], (
        "only the proxy is outside"
    )
    assert services["web"]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_images_are_named_without_a_registry_and_with_a_version():
    images = {service["image"] for service in COMPOSE["services"].values()} - {"pilotage"}
    images |= set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE))
    assert images
    assert all(re.fullmatch(r"[a-z]+:\d[\w.-]*", image) for image in images), images


def test_no_secret_stands_in_the_compose_file():
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    assert not re.search(r"(PASSWORD|SECRET_KEY|TOKEN): \S", text)
    assert set(COMPOSE["secrets"]) == {"secret_key", "db_password", "broker_password"}


def test_the_image_installs_what_is_hashed_and_runs_as_nobody():
    assert "--require-hashes" in DOCKERFILE
    assert "://" not in DOCKERFILE
    assert "--index-url" not in DOCKERFILE
    assert DOCKERFILE.count("FROM ") == 2
    assert re.search(r"^USER 10001$", DOCKERFILE.partition("FROM ")[2].partition("\nFROM ")[2], re.MULTILINE)
    for word in (".git", "**/*.env", "docs/deploy/secrets"):
        assert word in (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()


def test_what_dumps_the_database_is_as_new_as_the_server():
    """pg_dump refuses a newer server: the backup of every night would fail."""
    of_debian = {"bookworm": 15, "trixie": 17}
    server = int(re.match(r"postgres:(\d+)", COMPOSE["services"]["db"]["image"])[1])
    ours = DOCKERFILE.rpartition("\nFROM ")[2]
    assert "postgresql-client" in ours
    assert of_debian[re.match(r"python:[\d.]+-slim-(\w+)", ours)[1]] >= server


# --- folders --------------------------------------------------------------------------------------------------------
def test_every_folder_they_name_is_made_before_the_first_start():
    """Nobody but root makes a folder under /srv or /var/lib, and no command of a first release runs as root."""
    text = (
        (ROOT / "docs" / "operate.md").read_text(encoding="utf-8").partition("## Installing")[2].partition("\n## ")[0]
    )
    made = re.search(r"^mkdir -p (.*)$", text, re.MULTILINE)[1].split()
    given = re.search(r"^chown pilotage: (.*)$", text, re.MULTILINE)[1].split()
    example = (DEPLOY / "pilotage.env.example").read_text(encoding="utf-8")
    written = re.findall(r"^[A-Z_]+=(/\S+)$", example, re.MULTILINE)
    for path in (*SERVICES, DEPLOY / "hardening.conf"):
        for words in re.findall(r"^ReadWritePaths=(.+)$", path.read_text(encoding="utf-8"), re.MULTILINE):
            written += [word.lstrip("-") for word in words.split()]
    assert len(written) > 6
    assert [one for one in written if not any(f"{one}/".startswith(f"{folder}/") for folder in given)] == []
    assert set(given) <= set(made)
    # What the proxy hands out itself lies where the files are put, and not behind a folder it may not enter.
    static = re.search(r"^PILOTAGE_STATIC=(\S+)$", example, re.MULTILINE)[1]
    assert f"alias {static}/;" in NGINX
    closed = re.search(r"^chmod 750 ([^#]*)", text, re.MULTILINE)[1].split()
    assert not any(f"{static}/".startswith(f"{folder}/") for folder in closed)


# --- proxy ----------------------------------------------------------------------------------------------------------
def blocks(text):
    """The text without comments, and whether its braces close; a directive ends with ; or a brace."""
    bare = re.sub(r"#.*", "", text)
    # What stands in quotes may hold braces of its own.
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", "Q", bare)
    depth = 0
    for line in bare.splitlines():
        depth += line.count("{") - line.count("}")
        assert depth >= 0
        stripped = line.strip()
        if stripped and stripped[-1] not in ";{}" and not stripped.startswith(("log_format", "Q")):
            raise AssertionError(f"not a directive: {stripped}")
    return depth


@pytest.mark.parametrize("name", ["nginx.conf", "nginx.compose.conf"])
def test_the_proxy_is_as_careful_as_it_should_be(name):
    text = (DEPLOY / name).read_text(encoding="utf-8")
    assert blocks(text) == 0
    with pytest.raises(AssertionError):
        blocks(text.replace("server_tokens off;", "server_tokens off", 1))
    assert "ssl_protocols TLSv1.2 TLSv1.3;" in text
    assert "proxy_set_header X-Request-ID $request_id;" in text
    # Replaced, never added to: what a client says of itself must not come through.
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in text
    assert "$proxy_add_x_forwarded_for" not in text
    assert "ssl_reject_handshake on;" in text
    assert re.search(r"client_max_body_size \d+m;", text)
    assert "limit_req zone=pilotage_sign_in" in text
    assert re.search(r"location = /metrics \{\s+return 404;", text)
    assert "$request_uri" not in text.partition("log_format")[2].partition(";")[0], "addresses carry keys of feeds"


def test_the_proxy_of_the_compose_file_is_the_same_but_for_two_things():
    other = (DEPLOY / "nginx.compose.conf").read_text(encoding="utf-8")
    mine = re.sub(r"    location /static/ \{.*?\n    \}\n", "", NGINX, flags=re.DOTALL)
    mine = mine.replace("server 127.0.0.1:8000 max_fails=0;", "server web:8000 max_fails=0;")

    def lines(text):
        return [line for line in text.splitlines()[1:] if line.strip()]

    assert lines(mine) == lines(other)


def test_paths_the_proxy_treats_apart_are_ours(client):
    from django.urls import Resolver404, resolve

    for path in re.findall(r"location (?:= )?(/\S+) ", NGINX):
        if path != "/static/":
            try:
                resolve(path)
            except Resolver404:
                pytest.fail(f"{path} is nothing of ours")
