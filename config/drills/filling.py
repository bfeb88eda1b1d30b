"""A request of many certificates that waits for its approval, or is approved: `python -m config.drills.filling N [waiting]`."""

import sys

NAMES = (
    "徐汇区",
    "南京市江宁区",
    "广州开发区",
    "武汉东湖新技术开发区",
    "西安高新技术产业开发区",
    "青岛市崂山区",
    "昆明市呈贡区",
)
PROGRAMME = "service_cluster_trial_zone"


def fill(number):
    """(walk, request) of `number` certificates asked for, in the database of the settings."""
    from approvals import preflight  # noqa: PLC0415 - Django is set up by the caller
    from approvals.certificates.codes import new_code  # noqa: PLC0415
    from approvals.models import Certificate  # noqa: PLC0415
    from config.demo.paths import PATHS  # noqa: PLC0415
    from config.demo.walk import Walk  # noqa: PLC0415
    from config.demo.world import first_place, ground  # noqa: PLC0415
    from config.management.commands.play import START  # noqa: PLC0415
    from pilots.models import Programme  # noqa: PLC0415
    from workflows.beginnings import begin_seal_use  # noqa: PLC0415

    cast = ground(START)
    walk = Walk(cast, Programme.objects.get(code=PROGRAMME), START, lively=False)
    walk.seal = lambda: None
    PATHS["return"].live(walk, first_place(walk.programme, cast))
    first = Certificate.objects.get()
    rows = [
        Certificate(
            designation=first.designation, revision=10 + index, serial=f"JJQ〔2017〕第9{index:04d}号", code=new_code(),
            words=first.words | {"holder": f"{NAMES[index % len(NAMES)]}第{index}号园区管理委员会"},
            valid_from=first.valid_from, valid_to=first.valid_to, since=walk.at,
        )
        for index in range(number - 1)
    ]  # fmt: skip
    Certificate.objects.bulk_create(rows, batch_size=500)
    return walk, begin_seal_use(preflight.waiting(cast["officer"]), by=cast["officer"], at=walk.at).obj


def migrated():
    """The tables as they are now; living through every migration would take longer than the drill."""
    from django.apps import apps  # noqa: PLC0415
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    settings.MIGRATION_MODULES = {app.label: None for app in apps.get_app_configs()}
    call_command("migrate", run_syncdb=True, verbosity=0)
    # A table without a model: the migration makes it otherwise.
    call_command("createcachetable", verbosity=0)


def main(number, *words):
    import django  # noqa: PLC0415

    django.setup()
    from workflows import perform  # noqa: PLC0415

    migrated()
    walk, request = fill(int(number))
    if "waiting" not in words:
        perform(request, "approve", by=walk.cast["head"], at=walk.at)


if __name__ == "__main__":
    main(*sys.argv[1:])
