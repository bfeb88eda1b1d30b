from django.db import migrations, models


def schemes(apps, schema_editor):
    """Who takes over or absorbs whom, by the newest published rules."""
    import tomllib

    Programme, newest = apps.get_model("pilots", "Programme"), {}
    rows = apps.get_model("pilots", "RulesVersion").objects.filter(published_at__isnull=False)
    for row in rows.order_by("published_at", "pk").select_related("programme"):
        newest[row.programme.code] = tomllib.loads(row.text)
    for programme in Programme.objects.all():
        programme.taken_over_by = sorted(c for c, one in newest.items() if programme.code in one.get("takes_over", []))
        programme.absorbed_by = sorted(c for c, one in newest.items() if programme.code in one.get("absorbs", []))
        programme.save()


class Migration(migrations.Migration):

    dependencies = [
        ('pilots', '0007_in_flight'),
    ]

    operations = [
        migrations.AddField(
            model_name='programme',
            name='absorbed_by',
            field=models.JSONField(default=list, editable=False),
        ),
        migrations.AddField(
            model_name='programme',
            name='taken_over_by',
            field=models.JSONField(default=list, editable=False),
        ),
        migrations.RunPython(schemes, migrations.RunPython.noop),
    ]
