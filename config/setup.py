"""`make setup`: the virtual environment and the system packages. Standard library only: nothing is installed yet.

Idempotent. As root on Debian it installs what is missing; otherwise it says exactly what to install.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements-dev.lock"
OLDEST = (3, 11)
# package: how to see that it is there
NEEDED = {
    "libpangoft2-1.0-0": "/usr/lib/*/libpangoft2-1.0.so.0",
    "libharfbuzz-subset0": "/usr/lib/*/libharfbuzz-subset.so.0",
    "fonts-noto-cjk": "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "chromium": "/usr/bin/chromium",
    "gettext": "/usr/bin/xgettext",
    "poppler-utils": "/usr/bin/pdftoppm",
    "qpdf": "/usr/bin/qpdf",
}


def say(text):
    sys.stdout.write(f"setup: {text}\n")
    sys.stdout.flush()


def missing_packages():
    return [name for name, pattern in NEEDED.items() if not any(Path("/").glob(pattern.lstrip("/")))]


def install_packages():
    missing = missing_packages()
    if not missing:
        return
    if not apt_install(missing):
        say("these system packages are missing; certificates and browser tests need them. As root:")
        say(f"  apt-get update && apt-get install -y --no-install-recommends {' '.join(missing)}")


def apt_install(packages):
    """Installs Debian packages; False when this is not Debian or not root."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    say(f"installing {' '.join(packages)}")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=True, env=environment)  # noqa: S607
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    subprocess.run(install, check=True, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603
    return True


def install_venv():
    python = VENV / "bin" / "python"
    if not python.exists():
        say("making .venv")
        make_venv = [sys.executable, "-m", "venv", str(VENV)]
        # Debian keeps the venv module in a package of its own.
        if subprocess.run(make_venv, check=False).returncode and not (  # noqa: S603
            apt_install(["python3-venv"]) and subprocess.run(make_venv, check=False).returncode == 0  # noqa: S603
        ):
            sys.exit("setup: python cannot make a virtual environment here. As root: apt-get install -y python3-venv")
    say("installing the locked packages")
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    # uv installs the same locked files in a tenth of the time; it is one of them, so its hash is checked too.
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as only:
        only.write(pinned("uv"))
        only.flush()
        fast = subprocess.run([*pip, "-r", only.name], check=False).returncode == 0  # noqa: S603
    if fast:
        uv = [str(VENV / "bin" / "uv"), "pip", "install", "--quiet", "--python", str(python), "--require-hashes"]
        fast = subprocess.run([*uv, "-r", str(LOCK)], check=False).returncode == 0  # noqa: S603
    if not fast:
        subprocess.run([*pip, "-r", str(LOCK)], check=True)  # noqa: S603


def pinned(name):
    """The lines of one package in the lock: version and hashes."""
    lines, inside = [], False
    for line in LOCK.read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{name}=="):
            inside = True
        elif inside and not line.startswith("    --hash"):
            break
        if inside:
            lines.append(line)
    return "\n".join(lines).rstrip("\\ \n") + "\n"


def main():
    if sys.version_info < OLDEST:
        sys.exit(f"setup: Python {'.'.join(map(str, OLDEST))} or newer is needed, this is {sys.version.split()[0]}")
    install_packages()
    install_venv()
    say("ready")


if __name__ == "__main__":
    main()
