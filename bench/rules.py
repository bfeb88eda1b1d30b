"""Rules documents: reading, linting, proving, drawing all of the catalogue, and the editor's preview. CPU and wall seconds."""

import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def timed(name, target, work):
    """Runs `work`, prints seconds beside the target; returns its answer."""
    wall, cpu = time.perf_counter(), time.process_time()
    answer = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    sys.stdout.write(f"{name:<44} {wall:7.2f} s wall {cpu:7.2f} s cpu   target {target}\n")
    return answer


def main():
    os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings", "EMAIL_URL": "dummymail://"}
    import django

    django.setup()
    from pilots import catalogue
    from pilots.rules import loads
    from pilots.rules.document import read
    from pilots.rules.lint import lint
    from workflows.charts.bpmn import export
    from workflows.charts.svg import draw
    from workflows.proofs import prove

    texts = [read(path) for path in catalogue.files()]
    codes = catalogue.codes()
    timed(f"read {len(texts)} documents", "", lambda: [loads(text) for text in texts])
    timed(f"lint {len(texts)} documents", "< 3 s", lambda: [lint(text, "", codes) for text in texts])
    rules = [loads(text) for text in texts]
    proofs = timed(f"prove {len(texts)} documents", "< 60 s", lambda: [prove(one) for one in rules])
    sys.stdout.write(f"  {sum(one.worlds for one in proofs)} worlds, {sum(one.steps for one in proofs)} steps, "
                     f"{sum(len(one.broken) for one in proofs)} laws broken\n")  # fmt: skip
    slowest = max(zip(rules, proofs, strict=True), key=lambda pair: pair[1].steps)[0]
    timed(f"prove the largest ({slowest.code})", "< 3 s", lambda: prove(slowest))
    timed("draw and export all", "", lambda: [(draw(one), export(one)) for one in rules])


if __name__ == "__main__":
    main()
