from django.db import migrations

from workflows import append_only


class Migration(migrations.Migration):
    dependencies = [("workflows", "0004_anchors")]

    operations = [
        migrations.RunPython(
            lambda apps, editor: append_only.install(editor.connection, append_only.LOG),
            lambda apps, editor: append_only.remove(editor.connection, append_only.LOG),
        )
    ]
