from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('approvals', '0006_second_look'),
        ('pilots', '0004_intake'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='certificate',
            name='certificate_issued_has_bytes',
        ),
        migrations.RemoveConstraint(
            model_name='review',
            name='review_once_per_expert',
        ),
        migrations.AddField(
            model_name='listitem',
            name='award',
            field=models.CharField(blank=True, max_length=60, verbose_name='奖项等级'),
        ),
        migrations.AddField(
            model_name='review',
            name='round',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AlterField(
            model_name='certificate',
            name='kind',
            field=models.CharField(choices=[('designation', '试点证书'), ('acceptance', '验收合格证书'), ('renewal', '复核续期证书')], default='designation', max_length=12),
        ),
        migrations.AlterField(
            model_name='certificate',
            name='valid_to',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='evaluation',
            name='stage',
            field=models.CharField(choices=[('province', '省级初验'), ('final', '验收'), ('renewal', '复核')], default='final', max_length=10),
        ),
        migrations.AddConstraint(
            model_name='certificate',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'revoked']), models.Q(models.Q(('sha256', ''), _negated=True), ('issued_at__isnull', False)), _connector='OR'), name='certificate_issued_has_bytes'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.UniqueConstraint(fields=('application', 'expert', 'round'), name='review_once_per_expert_and_round'),
        ),
    ]
