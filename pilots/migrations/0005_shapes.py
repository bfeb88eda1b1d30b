import django.db.models.deletion
import django_fsm
from django.conf import settings
from django.db import migrations, models

from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Concat


def claims(apps, schema_editor):
    """Until now every application was its place's one in the batch."""
    key = Cast(F("place_id"), CharField())
    apps.get_model("pilots", "Application").objects.update(claim=Concat(Value("place:"), key))


def intakes(apps, schema_editor):
    """Batches of before know how they take applications from their pinned rules."""
    import tomllib

    Batch = apps.get_model("pilots", "Batch")
    for version in apps.get_model("pilots", "RulesVersion").objects.all():
        kind = tomllib.loads(version.text).get("window", {}).get("kind", "batch")
        Batch.objects.filter(rules_version=version).update(intake=kind)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_telling'),
        ('pilots', '0004_intake'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AgreementSignature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('party', models.PositiveSmallIntegerField()),
                ('name', models.CharField(max_length=120, verbose_name='签署方')),
                ('signer', models.CharField(max_length=60, verbose_name='签署人')),
                ('sha256', models.CharField(max_length=64)),
                ('at', models.DateTimeField()),
            ],
            options={
                'verbose_name': '协议签署',
                'verbose_name_plural': '协议签署',
                'ordering': ['party'],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
            ],
            options={
                'verbose_name': '委托邀请',
                'verbose_name_plural': '委托邀请',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='SubSite',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='名称')),
                ('kind', models.CharField(max_length=30, verbose_name='类别')),
                ('opened_on', models.DateField(verbose_name='设立日期')),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='撤并日期')),
                ('why_closed', models.CharField(blank=True, max_length=300, verbose_name='撤并原因')),
            ],
            options={
                'verbose_name': '下设点',
                'verbose_name_plural': '下设点',
                'ordering': ['opened_on', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Tranche',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('name', models.CharField(max_length=60, verbose_name='期次')),
                ('condition', models.CharField(max_length=12)),
                ('planned', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='计划金额（万元）')),
                ('state', models.CharField(choices=[('waiting', '条件未到'), ('due', '待拨付'), ('released', '已拨付'), ('withheld', '不予拨付'), ('recovered', '已收回')], default='waiting', max_length=10)),
                ('amount', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='核定金额（万元）')),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('why', models.CharField(blank=True, max_length=200, verbose_name='核定依据')),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('voucher', models.CharField(blank=True, max_length=60, verbose_name='凭证号')),
                ('recovered', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='收回金额（万元）')),
            ],
            options={
                'verbose_name': '拨款',
                'verbose_name_plural': '拨款',
                'ordering': ['number'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='application',
            name='application_one_per_place_and_batch',
        ),
        migrations.RemoveConstraint(
            model_name='designation',
            name='designation_term_runs_forward',
        ),
        migrations.RemoveConstraint(
            model_name='designation',
            name='designation_ended_exactly_when_over',
        ),
        migrations.AddField(
            model_name='application',
            name='claim',
            field=models.CharField(default='', editable=False, max_length=40),
        ),
        migrations.AddField(
            model_name='application',
            name='round',
            field=models.PositiveSmallIntegerField(default=1, verbose_name='评审轮次'),
        ),
        migrations.AddField(
            model_name='batch',
            name='intake',
            field=models.CharField(default='batch', editable=False, max_length=12),
        ),
        migrations.AddField(
            model_name='batch',
            name='round',
            field=models.PositiveSmallIntegerField(default=1, verbose_name='评审轮次'),
        ),
        migrations.AddField(
            model_name='designation',
            name='merged_into',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='absorbed', to='pilots.designation'),
        ),
        migrations.AddField(
            model_name='designation',
            name='operating_since',
            field=models.DateField(blank=True, null=True, verbose_name='投入运行'),
        ),
        migrations.AddField(
            model_name='designation',
            name='predecessor',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='successors', to='pilots.designation'),
        ),
        migrations.AddField(
            model_name='filing',
            name='grade',
            field=models.CharField(blank=True, max_length=60, verbose_name='考核等次'),
        ),
        migrations.AlterField(
            model_name='designation',
            name='state',
            field=django_fsm.FSMField(choices=[('agreement_due', '待签协议'), ('plan_due', '待报建设方案'), ('building', '建设期内'), ('self_evaluation', '自评总结'), ('pre_acceptance', '省级初验'), ('acceptance', '验收中'), ('rectifying', '限期整改'), ('holding', '称号有效'), ('operating', '运行中'), ('restricted', '限制运行'), ('accepted', '验收合格'), ('new_round', '转入新一轮'), ('revoked', '已撤销'), ('exited', '已退出'), ('lapsed', '期满失效'), ('succeeded', '已由新称号承接'), ('merged', '已并入')], default='plan_due', max_length=50, protected=True),
        ),
        migrations.AlterField(
            model_name='designation',
            name='term_end',
            field=models.DateField(blank=True, null=True, verbose_name='期限止'),
        ),
        migrations.RunPython(claims, migrations.RunPython.noop),
        migrations.RunPython(intakes, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['withdrawn', 'deemed_withdrawn', 'not_recommended', 'rejected', 'removed']), _negated=True), fields=('batch', 'claim'), name='application_one_per_claim_and_batch'),
        ),
        migrations.AddConstraint(
            model_name='designation',
            constraint=models.CheckConstraint(condition=models.Q(('term_end__isnull', True), ('term_end__gt', models.F('term_start')), _connector='OR'), name='designation_term_runs_forward'),
        ),
        migrations.AddConstraint(
            model_name='designation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'merged'), _negated=True), ('merged_into__isnull', False), _connector='OR'), name='designation_merged_into_something'),
        ),
        migrations.AddConstraint(
            model_name='designation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_on__isnull', False), ('state__in', frozenset(['accepted', 'exited', 'lapsed', 'merged', 'new_round', 'revoked', 'succeeded']))), models.Q(models.Q(('state__in', frozenset(['accepted', 'exited', 'lapsed', 'merged', 'new_round', 'revoked', 'succeeded'])), _negated=True), ('ended_on__isnull', True)), _connector='OR'), name='designation_ended_exactly_when_over'),
        ),
        migrations.AddField(
            model_name='agreementsignature',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='agreementsignature',
            name='designation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='pilots.designation'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='batch',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='pilots.batch'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='invitation',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation'),
        ),
        migrations.AddField(
            model_name='subsite',
            name='designation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sub_sites', to='pilots.designation'),
        ),
        migrations.AddField(
            model_name='subsite',
            name='place',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.place'),
        ),
        migrations.AddField(
            model_name='tranche',
            name='designation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tranches', to='pilots.designation'),
        ),
        migrations.AddConstraint(
            model_name='agreementsignature',
            constraint=models.UniqueConstraint(fields=('designation', 'party'), name='agreement_signed_once'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.UniqueConstraint(fields=('batch', 'organisation'), name='invitation_once'),
        ),
        migrations.AddConstraint(
            model_name='subsite',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_on__isnull', True)), fields=('designation', 'name'), name='sub_site_once'),
        ),
        migrations.AddConstraint(
            model_name='subsite',
            constraint=models.CheckConstraint(condition=models.Q(('closed_on__isnull', True), models.Q(('why_closed', ''), _negated=True), _connector='OR'), name='sub_site_closed_has_reason'),
        ),
        migrations.AddConstraint(
            model_name='tranche',
            constraint=models.UniqueConstraint(fields=('designation', 'number'), name='tranche_once'),
        ),
        migrations.AddConstraint(
            model_name='tranche',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'waiting'), models.Q(('amount__isnull', False), ('due_at__isnull', False)), _connector='OR'), name='tranche_due_has_amount'),
        ),
        migrations.AddConstraint(
            model_name='tranche',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'recovered'), _negated=True), models.Q(('recovered__gt', 0), ('recovered__lte', models.F('amount'))), _connector='OR'), name='tranche_recovers_what_was_paid'),
        ),
    ]
