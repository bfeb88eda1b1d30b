from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0005_lay_out")]

    operations = [migrations.AlterField("reminder", "speaks_at", models.DateTimeField())]
