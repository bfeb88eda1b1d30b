"""The same scenes on SQLite, by processes: `python -m tests.races.processes` in an installation of its own prints JSON.

Contestants are forked when the scene is set up, each with connections of its own; three barriers keep them together.
"""

import json
import multiprocessing
import os
import sys


def main(rounds):
    import django

    django.setup()
    from django.db import connection

    from config.drills.filling import migrated
    from tests.conftest import START
    from tests.races.rounds import Count, Snapshot
    from tests.races.scenes import SCENES
    from tests.world import build_world

    migrated()
    world, told = build_world(START), {}
    for kind in SCENES:
        scene = kind(world)
        count, before = Count(scene), Snapshot()
        connection.close()
        fork = multiprocessing.get_context("fork")
        start, looked = fork.Barrier(scene.people + 1), fork.Barrier(scene.people)
        ends = fork.SimpleQueue()
        for number in range(scene.people):
            if not os.fork():
                try:
                    contest(scene, number, rounds, start, looked, ends)
                finally:
                    os._exit(0)
        for _round in range(rounds):
            start.wait(60)
            count.add([ends.get() for _n in range(scene.people)])
            before.restore()
        for _n in range(scene.people):
            os.wait()
        told[kind.__name__] = {"rounds": count.rounds, "wrong": count.wrong, "line": count.line()}
    sys.stdout.write(json.dumps(told, ensure_ascii=False))


def contest(scene, number, rounds, start, looked, ends):
    """One contestant: looks, waits for the others, presses, says how it ended."""
    from tests.races.rounds import end_of

    for _round in range(rounds):
        start.wait(60)
        seen = scene.look(number)
        looked.wait(60)
        ends.put(end_of(scene, number, seen))


if __name__ == "__main__":
    main(int(sys.argv[1]))
