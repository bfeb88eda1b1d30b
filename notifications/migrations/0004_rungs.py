"""Rungs become rows from the day a duty exists; messages know the duty they speak of."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("notifications", "0003_telling")]

    operations = [
        migrations.CreateModel(
            name="DueChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("due_version", models.PositiveIntegerField()),
                ("before", models.DateField()),
                ("after", models.DateField()),
                ("at", models.DateTimeField()),
                ("why", models.CharField(blank=True, max_length=200)),
                ("document", models.CharField(blank=True, max_length=200)),
                ("deadline", models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="moves", to="notifications.deadline")),
            ],
            options={"verbose_name": "期限变更", "verbose_name_plural": "期限变更", "ordering": ["due_version"]},
        ),
        migrations.AddConstraint(
            "duechange", models.UniqueConstraint(fields=("deadline", "due_version"), name="due_change_once")
        ),
        migrations.RenameField("reminder", "outcome", "state"),
        migrations.AlterField("reminder", "state", models.CharField(
            choices=[("waiting", "待提醒"), ("owed", "正在提醒"), ("spoken", "已提醒"),
                     ("superseded", "已被后一次提醒取代"), ("dropped", "不再需要")], default="waiting", max_length=10)),
        migrations.AlterField("reminder", "rung", models.CharField(max_length=6)),
        migrations.AlterField("reminder", "at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("reminder", "speaks_at", models.DateTimeField(null=True)),
        migrations.AlterModelOptions("reminder", {
            "ordering": ["speaks_at", "pk"], "verbose_name": "提醒", "verbose_name_plural": "提醒"}),
        migrations.AddIndex("reminder", models.Index(
            condition=Q(state="waiting"), fields=["speaks_at"], name="reminder_waiting")),
        migrations.AddIndex("reminder", models.Index(
            condition=Q(state="owed"), fields=["id"], name="reminder_owed")),
        migrations.AddField("deadline", "acts_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddIndex("deadline", models.Index(
            condition=Q(closed_at__isnull=True, acts_at__isnull=False), fields=["acts_at"], name="deadline_open_acts")),
        migrations.AddField("message", "duty", models.UUIDField(blank=True, editable=False, null=True)),
        migrations.AddField(
            "message", "duty_version", models.PositiveIntegerField(blank=True, editable=False, null=True)),
        migrations.AlterField("message", "channel", models.CharField(
            choices=[("inbox", "站内消息"), ("email", "电子邮件"), ("sms", "短信"), ("wecom", "企业微信机器人"),
                     ("dingtalk", "钉钉机器人"), ("feishu", "飞书机器人"), ("webhook", "Webhook")], max_length=8)),
        migrations.AlterField("message", "state", models.CharField(
            choices=[("queued", "待发送"), ("sending", "发送中"), ("sent", "已发送"), ("dead", "未能送达"),
                     ("dropped", "不再需要")], default="queued", max_length=8)),
        migrations.AddIndex("message", models.Index(
            condition=Q(state__in=["queued", "sending"]), fields=["duty"], name="message_waiting_of_duty")),
    ]  # fmt: skip
