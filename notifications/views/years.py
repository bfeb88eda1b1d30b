"""The years of the working-day calendar: which are loaded, from where; a new one is looked at, then loaded."""

from datetime import date

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import clock
from accounts.access import seats
from accounts.authority import Authority, Scope
from accounts.holders import holders
from accounts.roles import Role
from notifications import calendars
from notifications.duties import RECOUNT
from notifications.jobs import enqueue
from notifications.models import CalendarLoad, DueChange, Job
from notifications.recount import jobs_for
from notifications.views.year_form import YearForm
from notifications.workdays.days import FIXED
from notifications.years import moves, store
from notifications.years.table import doubts, text_of, version_of
from pilots.views.look import deadline_label
from workflows.follow import wake

OFFICE = (
    Role.PROGRAMME_OFFICER, Role.DIVISION_HEAD, Role.COUNTERSIGNER, Role.LEADER, Role.PUBLICITY_OFFICER,
    Role.DOCUMENT_CLERK, Role.EXPERT_SECRETARY, Role.FORMALITY_CHECKER, Role.OBJECTION_HANDLER, Role.AUDITOR,
)  # fmt: skip
# A calendar belongs to all programmes: whoever loads one must be responsible for all of them.
ALL = Scope(programme="*")
LOADS_SHOWN, MOVES_SHOWN = 10, 50


def may_load(authority):
    """Whether this person may load a year's table."""
    return authority.seat((Role.PROGRAMME_OFFICER,), ALL) is not None


def _loaders(at):
    """The names of those who may."""
    people = holders((Role.PROGRAMME_OFFICER,), ALL, at).get(Role.PROGRAMME_OFFICER, [])
    return _("、").join(map(str, people)) or _("（尚未指定）")


def _year(year, table):
    kinds = [kind for kind, *_rest in table.values()]
    source, version = next(iter(table.values()))[2:]
    return {
        "year": year, "days_off": kinds.count("holiday"), "made_up": kinds.count("workday"), "source": source,
        "version": version, "published": store.is_published(table),
    }  # fmt: skip


@seats(*OFFICE)
@require_safe
def years(request):
    """Every loaded year, newest first; what was loaded by whom; and whether the next one is missing."""
    tables = store.stored()
    wanted = calendars.year_wanted(clock.today(request.at))
    mine = may_load(Authority.of(request.user, request.at))
    return render(
        request,
        "notifications/years.html",
        {
            "years": [_year(year, tables[year]) for year in sorted(tables, reverse=True)],
            "next": max([*tables, wanted - 1]) + 1,
            "missing": wanted if wanted not in tables else None,
            "provisional": moves.concerned().count(),
            "may_load": mine,
            "loaders": "" if mine else _loaders(request.at),
            "loads": CalendarLoad.objects.select_related("by")[:LOADS_SHOWN],
        },
    )


@seats(*OFFICE)
@require_safe
def year(request, number):
    """One year's table; `?export=csv` is the same as a file that can be loaded again."""
    table = store.stored([number]).get(number)
    if table is None:
        raise Http404
    rows = [(day, kind, name) for day, (kind, name, *_rest) in sorted(table.items())]
    if request.GET.get("export") == "csv":
        response = HttpResponse(text_of(rows).encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="calendar-{number}.csv"'
        return response
    return render(request, "notifications/year.html", _year(number, table) | {"rows": rows})


@seats(*OFFICE)
@require_http_methods(["GET", "HEAD", "POST"])
def load(request):
    """Upload or paste a year's table, see what it changes, load it."""
    if not may_load(Authority.of(request.user, request.at)):
        context = {"refused": True, "loaders": _loaders(request.at)}
        return render(request, "notifications/year_load.html", context, status=403)
    if request.method != "POST":
        today = clock.today(request.at)
        known = calendars.current().years
        wanted = max([*known, calendars.year_wanted(today) - 1]) + 1
        form = YearForm(initial={"year": wanted, "table": _pattern(wanted)})
        return render(request, "notifications/year_load.html", {"form": form, "faults": []})
    form = YearForm(request.POST, request.FILES)
    if not form.is_valid():
        context = {"form": form, "faults": form.table_faults}
        return render(request, "notifications/year_load.html", context, status=422)
    if request.POST.get("do") == "load" and (loaded := _carry_out(request, form)):
        return redirect("year_loaded", loaded.uuid)
    return render(request, "notifications/year_load.html", {"form": form} | _preview(request, form))


def _pattern(number):
    """A table to begin with: the holidays whose dates never change."""
    return text_of((date(number, month, day), "holiday", name) for (month, day), name in FIXED.items())


def _wanted(form):
    number, rows = form.cleaned_data["year"], form.rows
    text = text_of(rows).encode()
    version = version_of(text, number)
    return number, store.table_of(rows, form.cleaned_data["source"], version), version


def _seen(table):
    """What was stored when the preview was made: a load over something newer is looked at again first."""
    return next(iter(table.values()))[3] if table else "-"


def _preview(request, form):
    """What loading would do. The calendar is only supposed; nothing is written."""
    number, table, version = _wanted(form)
    tables = store.stored()
    before = tables.get(number, {})
    changed = store.differing({number: table}, {number: before} if before else {})
    found = moves.preview(store.with_table(tables, number, table, version), changed, request.at)
    for row, _day in found.moving:
        row.shown = deadline_label(row)
    return {
        "faults": [],
        "preview": True,
        "year": number,
        "version": version,
        "seen": _seen(before),
        "stale": request.POST.get("do") == "load",
        "same": before == table,
        "doubts": doubts(number, form.rows),
        "replaces": before and _year(number, before),
        "days_off": sum(kind == "holiday" for _day, kind, _name in form.rows),
        "made_up": sum(kind == "workday" for _day, kind, _name in form.rows),
        "added": [(day, *table[day][:2]) for day in sorted(table) if day not in before],
        "removed": [(day, *before[day][:2]) for day in sorted(before) if day not in table],
        "turned": [
            (day, *table[day][:2]) for day in sorted(table) if day in before and table[day][0] != before[day][0]
        ],
        "moves": found,
        "moving": found.moving[:MOVES_SHOWN],
    }


def _carry_out(request, form):
    """The loading, or None when the table of that year is not the one that was looked at any more."""
    number, table, version = _wanted(form)
    with transaction.atomic():
        before = store.stored([number])
        if _seen(before.get(number, {})) != request.POST.get("seen"):
            return None
        done = store.replace({number: table}, before)
        found = moves.cases(done.changed)
        kinds = [cell[0] for cell in table.values()]
        row = CalendarLoad.objects.create(
            year=number, version=version, source=form.cleaned_data["source"], at=request.at, by=request.user,
            days_off=kinds.count("holiday"), made_up=kinds.count("workday"), cases=len(found),
            changed=sorted(day.isoformat() for day in done.changed),
        )  # fmt: skip
        enqueue(jobs_for(found, row.group, request.at))
    wake()
    return row


@seats(*OFFICE)
@require_safe
def loaded(request, uuid):
    """One loading: how far the counting has come, and which dates have moved."""
    row = get_object_or_404(CalendarLoad.objects.select_related("by"), uuid=uuid)
    moved = _moved_by(row)
    shown = list(moved.select_related("deadline").order_by("deadline__due_on", "pk")[:MOVES_SHOWN])
    for change in shown:
        change.shown = deadline_label(change.deadline)
    context = {"load": row, "job": card(row), "moved": shown, "n_moved": moved.count()}
    return render(request, "notifications/year_loaded.html", context)


def _moved_by(row):
    """The moves that belong to a loading: those of a recount after it and before the next one."""
    rows = DueChange.objects.filter(why=RECOUNT, at__gte=row.at)
    later = CalendarLoad.objects.filter(at__gt=row.at).order_by("at").first()
    return rows.filter(at__lt=later.at) if later else rows


@seats(*OFFICE)
@require_safe
def loaded_progress(request, uuid):
    """The progress card alone; 286 tells the page to stop asking."""
    job = card(get_object_or_404(CalendarLoad, uuid=uuid))
    return render(request, "ui/progress.html", {"job": job}, status=200 if job["state"] == "running" else 286)


def card(row):
    """How far the counting has come, in cases, in the shape of the progress card."""
    jobs = list(Job.objects.filter(group=row.group))
    done = sum(job.size for job in jobs if job.state == Job.State.DONE)
    total = sum(job.size for job in jobs)
    parked = [job for job in jobs if job.state == Job.State.PARKED]
    running = done < total and not parked
    url = reverse("year_loaded", args=[row.uuid])
    return {
        "id": f"calendar-{row.uuid}", "url": reverse("year_progress", args=[row.uuid]), "done": done, "total": total,
        "label": _("正在重算期限") if running else _("期限已全部重算") if not parked else _("有期限没有重算"),
        "state": "running" if running else "failed" if parked else "done",
        "error": _("%(n)s 批作业多次失败，已停放；项目主管可在“系统运行”中重试。") % {"n": len(parked)} if parked else "",
        "result_url": "" if running else url, "result_label": _("查看变动"),
    }  # fmt: skip
