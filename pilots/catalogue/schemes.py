"""Which programme takes over or absorbs which, by the rules in force: kept with the programmes it is about."""

from pilots.models import Programme, RulesVersion


def refresh() -> None:
    """Reads the newest published rules of every active programme and writes down who names whom. Idempotent."""
    newest = {}
    rows = RulesVersion.objects.filter(published_at__isnull=False, programme__active=True).select_related("programme")
    for row in rows.order_by("published_at", "pk"):
        newest[row.programme.code] = row.rules
    found = {"taken_over_by": {}, "absorbed_by": {}}
    for code, rules in sorted(newest.items()):
        for name, named in (("taken_over_by", rules.takes_over), ("absorbed_by", rules.absorbs)):
            for other in named:
                found[name].setdefault(other, []).append(code)
    changed = []
    for programme in Programme.objects.all():
        before = (programme.taken_over_by, programme.absorbed_by)
        programme.taken_over_by = found["taken_over_by"].get(programme.code, [])
        programme.absorbed_by = found["absorbed_by"].get(programme.code, [])
        if before != (programme.taken_over_by, programme.absorbed_by):
            changed.append(programme)
    Programme.objects.bulk_update(changed, ["taken_over_by", "absorbed_by"])
