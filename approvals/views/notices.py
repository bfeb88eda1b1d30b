"""Public notices: what is proposed, until when anybody may object, and how."""

from datetime import timedelta

from django import forms
from django.core.paginator import Paginator
from django.db.models import F
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import clock
from accounts.access import public
from approvals.acts.objection import on_notice
from approvals.documents.kinds import notice as notice_paper
from approvals.listing import items_of
from approvals.models import Objection
from approvals.views.lists import faced
from approvals.views.paper_files import answer
from approvals.views.throttle import too_many
from pilots.models import Application, ApplicationState, Batch, BatchState
from pilots.uploads import Limits, read
from pilots.views.public import published_to
from workflows.beginnings import register_objection

PAGE = 20
SHOWN = (BatchState.NOTICE, BatchState.DOCUMENT, BatchState.ISSUED)


def _published(user):
    rows = Batch.objects.filter(state__in=SHOWN, notice_from__isnull=False)
    return published_to(user, rows).select_related("programme", "rules_version")


@public
@require_safe
def notices(request):
    """Notices that run, then those that are over."""
    # One moment for the whole page, its frame included; public pages are not given one.
    request.at = clock.now()
    page = Paginator(_published(request.user).order_by(F("notice_from").desc(), "-pk"), PAGE).get_page(
        request.GET.get("page")
    )
    return render(request, "approvals/notices.html", {"page": page, "today": clock.today(request.at)})


@public
@require_safe
def notice(request, uuid):
    """One notice, to read, to print as a document, and to object to while it runs. No personal data."""
    batch = get_object_or_404(_published(request.user), uuid=uuid)
    lines = faced(batch, items_of(batch))
    context = {
        "batch": batch,
        "items": [item for item in lines if item.proposed],
        "promoted": [item for item in lines if item.application.own_notice_to],
        "by_place": batch.rules.applicants.per == "place",
        "awards": bool(batch.rules.classes),
        "running": batch.state == BatchState.NOTICE,
        "today": clock.today(),
        "counting": batch.rules.notice,
        "objection_words": batch.rules.notice.objection if batch.rules.notice else "",
    }
    return render(request, "approvals/notice.html", context)


@public
@require_safe
def notice_file(request, uuid, form):
    """The notice as a file (pdf, docx), for whoever may read it; made for everybody, so nobody makes it all day long."""
    batch = get_object_or_404(_published(request.user), uuid=uuid)
    if too_many(request, "notice"):
        return render(request, "429.html", status=429)
    return answer(notice_paper.sheet(batch), form, notice_paper.file_name(batch))


# What an objector may attach; three files of ten megabytes are more than a letter needs (X).
EVIDENCE = Limits(formats=("pdf", "jpg", "png", "docx"), max_mb=10)
MOST_FILES = 3
DOUBLE_PRESS = timedelta(minutes=10)


class SeveralFiles(forms.FileInput):
    allow_multiple_selected = True


class EvidenceField(forms.FileField):
    """Up to MOST_FILES files, each looked into; gives checked files."""

    widget = SeveralFiles
    accept = ",".join(f".{ending}" for ending in EVIDENCE.formats)
    max_bytes = EVIDENCE.max_mb * 1024 * 1024

    def clean(self, data, initial=None):
        given = [file for file in (data if isinstance(data, list | tuple) else [data]) if file]
        if len(given) > MOST_FILES:
            raise forms.ValidationError(_t("最多上传 %(n)s 个文件。") % {"n": MOST_FILES})
        found, faults = [], []
        for file in given:
            try:
                found.append(read(file, EVIDENCE))
            except forms.ValidationError as fault:
                faults.extend(fault.messages)
        if faults:
            raise forms.ValidationError(faults)
        return found


class ObjectionForm(forms.Form):
    """Real name or a unit's name, a way to answer, and evidence (programmes.md §1.7 card 37, §5)."""

    objector = forms.CharField(
        label=_("姓名或单位名称"),
        max_length=60,
        required=False,
        help_text=_("匿名或没有联系方式的意见只作为线索留存。"),
    )
    is_unit = forms.BooleanField(label=_("以单位名义提出（须另寄盖章件）"), required=False)
    contact = forms.CharField(
        label=_("联系电话或邮箱"), max_length=100, required=False, help_text=_("仅供核查人员联系，不公开。")
    )
    text = forms.CharField(label=_("异议内容"), max_length=3000, widget=forms.Textarea(attrs={"rows": 6}))
    evidence = forms.CharField(
        label=_("证据和来源"), max_length=3000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    files = EvidenceField(
        label=_("证据材料"), required=False, help_text=_("PDF、JPG、PNG 或 DOCX，最多 3 个；盖章件请扫描后上传。")
    )


@public
@require_http_methods(["GET", "POST"])
def object_to(request, uuid, item):
    """An objection to one item. Late ones are taken too, as leads."""
    batch = get_object_or_404(_published(request.user), uuid=uuid)
    application = get_object_or_404(
        Application.objects.filter(
            batch=batch, state__in=[ApplicationState.LISTED, ApplicationState.HELD, ApplicationState.APPROVED]
        ).select_related(*Application.related),
        uuid=item,
    )
    if request.method == "POST" and too_many(request, "object"):
        return render(request, "429.html", status=429)
    form = ObjectionForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    registered = None
    if request.method == "POST" and form.is_valid():
        registered = (
            _just_registered(application, form.cleaned_data)
            or register_objection(application, at=clock.now(), **form.cleaned_data).obj
        )
    context = {
        "batch": batch,
        "application": application,
        "form": form,
        "registered": registered,
        "running": on_notice(application, clock.now()),
        "heading": _t("对%(place)s提出异议") % {"place": application.place},
    }
    return render(request, "approvals/object.html", context, status=422 if form.errors else 200)


def _just_registered(application, given):
    """The same words by the same person a moment ago: the button was pressed twice, or the page loaded again."""
    same = {name: given[name] for name in ("objector", "contact", "text", "evidence", "is_unit")}
    return Objection.objects.filter(
        application=application, received_at__gt=clock.now() - DOUBLE_PRESS, **same
    ).first()  # fmt: skip
