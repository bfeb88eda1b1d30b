"""`./manage.py import_divisions [FILE] [--dry-run]`: places from a table of divisions."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts import divisions


class Command(BaseCommand):
    help = "导入行政区划表（CSV，UTF-8 或 GB18030）；不写文件名时导入随附的表。有一行不对则全部不导入。"

    def add_arguments(self, parser):
        parser.add_argument("file", nargs="?", type=Path, default=divisions.SHIPPED, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="只检查和计数，不写入")

    def handle(self, *args, file, dry_run, **options):
        try:
            report = divisions.load(divisions.read(file.read_bytes()), dry_run=dry_run)
        except OSError as error:
            raise CommandError(f"{file}: 不能读取：{error.strerror}") from error
        except divisions.DivisionsError as error:
            lines = "\n".join(f"{file}:{fault.row}: {fault.text}" for fault in error.faults)
            raise CommandError(f"{lines}\n{len(error.faults)} 处错误，没有导入任何地区") from error
        head = "试运行，未写入：" if dry_run else ""
        self.stdout.write(f"{head}新增 {report.created} 个，更新 {report.changed} 个，未变 {report.unchanged} 个")
