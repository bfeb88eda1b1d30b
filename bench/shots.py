"""`make shots`: every screen as PNG at 1360, 820 and 390 px, from a demonstration of its own, into shots/."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "shots"
PORT = 8171
WIDTHS = {1360: 900, 820: 1180, 390: 844}


def main():
    folder = tempfile.mkdtemp(prefix="pilotage-shots-")
    os.environ |= {
        "PILOTAGE_VAR": f"{folder}/demo", "PILOTAGE_DEMO": "1", "SITE_URL": f"http://127.0.0.1:{PORT}",
        "DATABASE_URL": f"sqlite:///{folder}/demo/demo.sqlite3", "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
    }  # fmt: skip
    server = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "demo", "--port", str(PORT)],
        env=os.environ | {"PILOTAGE_VAR": folder},
    )
    try:
        wait(f"http://127.0.0.1:{PORT}/readyz", server)
        shoot(f"http://127.0.0.1:{PORT}")
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def wait(address, server, seconds=180):
    for _second in range(seconds):
        if server.poll() is not None:
            sys.exit("shots: the demonstration did not start")
        try:
            urlopen(address)
        except OSError:
            time.sleep(1)
        else:
            return
    sys.exit("shots: the demonstration did not answer")


def shoot(server):
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    from playwright.sync_api import sync_playwright

    from tests.e2e.conftest import ARGS, CHROMIUM
    from tests.e2e.people import Visitor
    from tests.e2e.screens import screens

    OUT.mkdir(exist_ok=True)
    # Names of screens on the command line: only those.
    everything = [screen for screen in screens() if not sys.argv[1:] or screen.name in sys.argv[1:]]
    with sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        for who in dict.fromkeys(screen.who for screen in everything):
            page = browser.new_context(locale="zh-CN").new_page()
            if who:
                Visitor(page, server).go("/demo/")
                token = page.locator('input[name="csrfmiddlewaretoken"]').first.input_value()
                page.request.post(
                    f"{server}/demo/as/{who}/", form={"csrfmiddlewaretoken": token}, headers={"Referer": server}
                )
            for screen in everything:
                if screen.who != who:
                    continue
                for width, height in WIDTHS.items():
                    page.set_viewport_size({"width": width, "height": height})
                    page.goto(f"{server}{screen.path}")
                    page.screenshot(path=OUT / f"{screen.name}-{width}.png", full_page=True)
            page.context.close()
        browser.close()
    sys.stdout.write(f"{len(everything)} screens × {len(WIDTHS)} widths in {OUT}\n")


if __name__ == "__main__":
    main()
