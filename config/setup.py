"""`make setup`: the virtual environment and the system packages. Standard library only: nothing is installed yet.

Idempotent. As root on Debian it installs what is missing; otherwise it says exactly what to install.
"""

import os
import shutil
import subprocess
import sys
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
    line = f"apt-get install -y --no-install-recommends {' '.join(missing)}"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        say("these system packages are missing; certificates and browser tests need them. As root:")
        say(f"  apt-get update && {line}")
        return
    say(f"installing {' '.join(missing)}")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=True, env=environment)  # noqa: S603, S607
    subprocess.run([*line.split(), "-qq"], check=True, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603


def install_venv():
    python = VENV / "bin" / "python"
    if not python.exists():
        say("making .venv")
        result = subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=False)  # noqa: S603
        if result.returncode:
            sys.exit("setup: python cannot make a virtual environment here. As root: apt-get install -y python3-venv")
    say("installing the locked packages")
    subprocess.run(  # noqa: S603
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", str(LOCK)],
        check=True,
    )


def main():
    if sys.version_info < OLDEST:
        sys.exit(f"setup: Python {'.'.join(map(str, OLDEST))} or newer is needed, this is {sys.version.split()[0]}")
    install_packages()
    install_venv()
    say("ready")


if __name__ == "__main__":
    main()
