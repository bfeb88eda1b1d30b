"""Large batches on SQLite: the signature under a list of many items with its jobs, the pages of the list, the draw."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ITEMS = int(os.environ.get("ITEMS", "1000"))


def main():
    folder = tempfile.mkdtemp(prefix="pilotage-bench-")
    os.environ |= {"DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3", "PILOTAGE_VAR": folder, "PILOTAGE_WAKE_WORKER": "0",
                   "EMAIL_URL": "dummymail://", "DJANGO_SETTINGS_MODULE": "config.settings", "PILOTAGE_PLAIN_STATIC": "1"}  # fmt: skip
    subprocess.run([sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"], check=True)
    import django

    django.setup()
    from django.test import Client
    from django.test.utils import setup_test_environment

    setup_test_environment()
    from config.demo.walk import Walk
    from config.demo.world import first_place, ground
    from config.management.commands.play import START
    from notifications import jobs
    from pilots.models import Application, Programme, RulesVersion
    from workflows import perform

    cast = ground(START)
    programme = Programme.objects.get(code="strong_city_creation")
    row = RulesVersion.objects.get(programme=programme)
    RulesVersion.objects.filter(pk=row.pk).update(text=row.text.replace("max_places = 14", "max_places = 9000"))
    walk = Walk(cast, Programme.objects.get(pk=programme.pk), START, lively=False)
    walk.call()
    place = first_place(walk.programme, cast)
    walk.review(walk.assign(walk.check(walk.recommend(walk.apply(place)))))
    multiply(Application.objects.get(), ITEMS - 1)
    walk.close()
    report = []

    def timed(label, work):
        began = time.perf_counter()
        found = work()
        report.append((label, time.perf_counter() - began))
        return found

    client = Client()
    client.force_login(cast["officer"], backend="allauth.account.auth_backends.AuthenticationBackend")
    for name, address in (
        ("batch page", walk.batch.get_absolute_url()),
        ("list page", f"{walk.batch.get_absolute_url()}list/"),
    ):
        timed(f"{name}, list not drawn", lambda address=address: client.get(address))
    timed("draw up the list", lambda: walk.act(walk.batch, "draw_list", cast["officer"]))
    walk.batch = walk.act(walk.batch, "confirm", cast["head"])
    timed("list page", lambda: client.get(f"{walk.batch.get_absolute_url()}list/"))
    walk.batch = timed("the signature itself", lambda: perform(walk.batch, "sign", by=cast["leader"], at=walk.at)).obj

    def work():
        while jobs.work(walk.at):
            pass

    timed("all items carried out by jobs", work)
    states = set(Application.objects.filter(batch=walk.batch).values_list("state", flat=True))
    for label, seconds in report:
        print(f"{label:<40}{seconds:>8.2f} s")
    print(f"{ITEMS} items, states afterwards: {', '.join(sorted(states))}")


def multiply(model, many):
    """Copies of a reviewed application in places of their own, so that a list of any length can be signed."""
    from uuid import uuid4

    from accounts.models import Place
    from pilots.models import Application
    from workflows.models import CaseProcess, CaseTask

    process = CaseProcess.objects.get(application=model)
    tasks = list(CaseTask.objects.filter(process=process))
    for serial in range(many):
        place = Place.objects.get(pk=model.place_id)
        place.pk, place.code, place.path, place.name = None, f"9{serial:05d}", f"x{serial}/", f"{place.name}{serial}"
        place.save()
        copy = Application.objects.get(pk=model.pk)
        copy.pk, copy.uuid, copy.number, copy.place = None, uuid4(), f"B-{serial}", place
        copy.version, copy.head = 0, ""
        copy.save()
        own = CaseProcess.objects.get(pk=process.pk)
        own.pk, own.application = None, copy
        own.save()
        for task in tasks:
            one = CaseTask.objects.get(pk=task.pk)
            one.pk, one.process = None, own
            one.save()


if __name__ == "__main__":
    main()
