"""Many grants from a sheet: read and shown with every fault by row, then proposed as one request."""

from django import forms
from django.core import signing
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.access import seats
from accounts.roles import Role
from approvals import grant_file, grants
from approvals.models import GrantRequest
from approvals.sheet_file import Unreadable
from approvals.views.grants import GroundsForm
from workflows.beginnings import begin_grant_request
from workflows.once import once
from workflows.refusals import NotNow

SALT = "approvals.grant-sheet"
# A preview is confirmed within a working day.
HOURS = 9


class SheetForm(GroundsForm):
    """A sheet, and why."""

    file = forms.FileField(label=_("XLSX 或 CSV 文件"), widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}))
    field_order = ("file", "grounds", "paper")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # The second press carries what was read at the first.
        self.fields["file"].required = not self.data.get("kept")


@seats(Role.SYSTEM_ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
@once(press="confirmed")
def grant_sheet(request):
    """First press: the preview, which carries what was read, signed. Second press: one request of the good rows."""
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = SheetForm(*given)
    written = _written(request, form) if request.method == "POST" else []
    rows = grant_file.judge(written, request.at) if written else []
    good = [row for row in rows if not row.faults]
    # Another file than the one that was shown is shown first.
    if good and request.POST.get("confirmed") and not request.FILES and form.is_valid():
        try:
            made = begin_grant_request(
                GrantRequest.Kind.GIVE, [row.line for row in good], by=request.user, at=request.at,
                grounds=form.cleaned_data["grounds"], paper=form.cleaned_data["paper"],
            )  # fmt: skip
            return redirect(made.obj)
        except NotNow as refusal:
            form.add_error(None, str(refusal))
    context = {
        "form": form, "rows": rows, "good": len(good), "bad": len(rows) - len(good), "columns": grant_file.COLUMNS,
        "people": len({row.line.user_id for row in good}), "most": grants.MOST_LINES,
        "kept": signing.dumps([request.user.pk, written], salt=SALT, compress=True) if written else "",
    }  # fmt: skip
    return render(request, "people/grant_sheet.html", context, status=422 if form.errors else 200)


def _written(request, form):
    """The rows of the file just sent, or those of the preview that is confirmed."""
    form.is_valid()
    file = request.FILES.get("file")
    if file is not None:
        try:
            return grant_file.read(file.name, file.read())
        except Unreadable as fault:
            form.add_error("file", str(fault))
            return []
    try:
        owner, rows = signing.loads(request.POST.get("kept", ""), salt=SALT, max_age=HOURS * 3600)
    except signing.BadSignature:
        owner, rows = None, []
    if owner != request.user.pk or not rows:
        if "file" not in form.errors:
            form.add_error("file", _t("请选择文件。"))
        return []
    return [(number, cells) for number, cells in rows]
