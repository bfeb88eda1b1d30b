"""`./manage.py programmes lint|publish|list`: rules documents at the command line."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts import clock
from pilots import catalogue
from pilots.catalogue.publishing import RefusedError, findings, publish
from pilots.models import Programme


class Command(BaseCommand):
    help = "检查、发布和列出项目规则文件。"
    # Documents are judged by themselves; checking pages and addresses first would take longer than the work.
    requires_system_checks = ()

    def add_arguments(self, parser):
        tasks = parser.add_subparsers(dest="task", required=True)
        task = tasks.add_parser("lint", help="检查规则文件；不写文件名时检查整个目录")
        task.add_argument("files", nargs="*", type=Path, metavar="FILE")
        task = tasks.add_parser("publish", help="把目录中的规则发布到数据库；可重复执行")
        task.add_argument("codes", nargs="*", metavar="CODE")
        task.add_argument("--all", action="store_true", help="目录中的全部项目")
        tasks.add_parser("list", help="列出项目和已发布的版本")

    def handle(self, *args, task, **options):
        getattr(self, task)(**options)

    def lint(self, files, **_options):
        files = files or catalogue.files()
        errors = 0
        for path in files:
            try:
                found = findings(path)
            except OSError as error:
                raise CommandError(f"{path}: 不能读取：{error.strerror}") from error
            errors += sum(item.level == "error" for item in found)
            for item in found:
                self.stdout.write(f"{path}:{item}")
        if errors:
            raise CommandError(f"{errors} 处错误")
        self.stdout.write(f"{len(files)} documents in order")

    def publish(self, codes, **options):
        if bool(codes) == options["all"]:
            raise CommandError("请写出项目代码，或用 --all 发布全部项目")
        try:
            done = publish(codes or catalogue.codes(), clock.now())
        except RefusedError as error:
            raise CommandError(str(error)) from error
        for item in done:
            self.stdout.write(f"{item.code} {item.version}: {'已发布' if item.new else '没有变化'}")

    def list(self, **_options):
        stored = {programme.code: programme for programme in Programme.objects.all()}
        for code in sorted({*stored, *catalogue.codes()}):
            programme = stored.get(code)
            current = programme.current if programme else None
            if current is None:
                self.stdout.write(f"{code}: 未发布")
                continue
            day = clock.today(current.published_at)
            mark = "" if programme.active else "（停用）"
            self.stdout.write(f"{code}: {current.version}，{day} 发布，{programme.name}{mark}")
