"""`./manage.py programmes lint|prove|publish|list|pages`: rules documents at the command line."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts import clock
from config import programme_pages as pages
from pilots import catalogue
from pilots.catalogue import proved as proofs_on_record
from pilots.catalogue.publishing import RefusedError, findings, publish
from pilots.models import Programme
from pilots.rules import RulesError, loads
from pilots.rules.document import read
from workflows.proofs import prove


class Command(BaseCommand):
    help = "检查、验证、发布和列出项目规则文件，生成各项目的说明页。"
    # Documents are judged by themselves; checking pages and addresses first would take longer than the work.
    requires_system_checks = ()

    def add_arguments(self, parser):
        tasks = parser.add_subparsers(dest="task", required=True)
        task = tasks.add_parser("lint", help="检查规则文件；不写文件名时检查整个目录")
        task.add_argument("files", nargs="*", type=Path, metavar="FILE")
        task = tasks.add_parser("prove", help="穷举验证规则；不写时验证整个目录")
        task.add_argument("what", nargs="*", metavar="PROGRAMME|FILE")
        task.add_argument("--record", action="store_true", help="全部成立时，记下目录各文件的摘要")
        task = tasks.add_parser("pages", help="生成 docs/programmes 下的说明页、流程图和 BPMN 文件")
        task.add_argument("--check", action="store_true", help="只检查是否最新")
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

    def prove(self, what, record, **_options):
        """Every law for every document; the first story of each that does not hold."""
        known = {path.stem: path for path in catalogue.files()}
        paths = [known.get(name, Path(name)) for name in what] or list(known.values())
        broken, proved = 0, {}
        for path in paths:
            try:
                text = read(path)
                proof = prove(loads(text, str(path)))
            except OSError as error:
                raise CommandError(f"{path}: 不能读取：{error.strerror}；目录中有：{'、'.join(known)}") from error
            except RulesError as error:
                raise CommandError(f"先改正以下各处，再验证：\n{error}") from error
            mark = "成立" if proof else "不成立"
            self.stdout.write(f"{proof.code} {proof.version}: {mark}；{proof.worlds} 种情形，{proof.steps} 步，"
                              f"{len(proof.held)} 条定律成立")  # fmt: skip
            for item in proof.broken:
                self.stdout.write(str(item))
            broken += bool(proof.broken)
            proved[path.stem] = proofs_on_record.digest(text)
        if broken:
            raise CommandError(f"{broken} 份规则没有通过验证")
        if record:
            proofs_on_record.record({code: value for code, value in proved.items() if code in known})
        self.stdout.write(f"{len(paths)} documents proved")

    def pages(self, check, **_options):
        """Pages, pictures and BPMN files of the catalogue under docs/programmes."""
        stale = pages.stale() if check else pages.write()
        if check and stale:
            raise CommandError("不是最新，请运行 ./manage.py programmes pages：" + "、".join(stale))
        self.stdout.write("up to date" if check else f"{len(stale)} files written")

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
