from django.db import migrations

from workflows import append_only


class Migration(migrations.Migration):
    dependencies = [("workflows", "0001_initial")]

    operations = [
        migrations.RunPython(
            lambda apps, editor: append_only.install(editor.connection, append_only.LEDGER),
            lambda apps, editor: append_only.remove(editor.connection, append_only.LEDGER),
        )
    ]
