import approvals.models.objection
import django.db.models.deletion
import django_fsm
import uuid
from django.conf import settings
from django.db import migrations, models


def give_receipts(apps, schema_editor):
    """Each objection from before gets a receipt of its own; one default for all would not be unique."""
    for row in apps.get_model("approvals", "Objection").objects.all():
        row.receipt = approvals.models.objection.new_receipt()
        row.save(update_fields=["receipt"])


class Migration(migrations.Migration):

    dependencies = [
        ('approvals', '0001_initial'),
        ('pilots', '0002_signing'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Evidence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('format', models.CharField(max_length=8)),
                ('size', models.PositiveBigIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('at', models.DateTimeField()),
            ],
            options={
                'verbose_name': '异议证据',
                'verbose_name_plural': '异议证据',
                'ordering': ['pk'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='objection',
            name='objection_concluded_has_decider',
        ),
        migrations.AddField(
            model_name='document',
            name='corrects',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='approvals.document'),
        ),
        migrations.AddField(
            model_name='document',
            name='joint_numbers',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name='document',
            name='replaced_by',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaces', to='approvals.document'),
        ),
        migrations.AddField(
            model_name='listitem',
            name='edited',
            field=models.BooleanField(default=False, verbose_name='人工调整'),
        ),
        migrations.AddField(
            model_name='listitem',
            name='tied',
            field=models.BooleanField(default=False, verbose_name='与入选线同分'),
        ),
        migrations.AddField(
            model_name='objection',
            name='appeal',
            field=models.TextField(blank=True, verbose_name='复核申请理由'),
        ),
        migrations.AddField(
            model_name='objection',
            name='appeal_finding',
            field=models.TextField(blank=True, verbose_name='复核结论'),
        ),
        migrations.AddField(
            model_name='objection',
            name='appealed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='objection',
            name='decided_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='objection',
            name='decided_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='objection',
            name='receipt',
            field=models.CharField(default="", max_length=16, verbose_name='查询码'),
        ),
        migrations.RunPython(give_receipts, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='objection',
            name='receipt',
            field=models.CharField(default=approvals.models.objection.new_receipt, max_length=16, unique=True, verbose_name='查询码'),
        ),
        migrations.AlterField(
            model_name='objection',
            name='state',
            field=django_fsm.FSMField(choices=[('registered', '已登记'), ('investigating', '核查中'), ('rejected', '异议不成立'), ('upheld', '异议成立'), ('lead', '作为线索留存'), ('appealed', '复核中'), ('dismissed', '复核维持')], default='registered', max_length=50, protected=True),
        ),
        migrations.AddConstraint(
            model_name='objection',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('concluded_at__isnull', False), ('concluded_by__isnull', False), ('state__in', ['rejected', 'upheld', 'appealed', 'dismissed'])), models.Q(models.Q(('state__in', ['rejected', 'upheld', 'appealed', 'dismissed']), _negated=True), ('concluded_at__isnull', True), ('concluded_by__isnull', True)), _connector='OR'), name='objection_concluded_has_decider'),
        ),
        migrations.AddField(
            model_name='evidence',
            name='objection',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='approvals.objection'),
        ),
    ]
