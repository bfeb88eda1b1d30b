"""Reviews of experts who have left, given to others for a whole batch: shown with names and counts, then done."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.access import seats
from accounts.roles import ORGANISERS
from approvals import reassigning
from approvals.views.draws import organised
from workflows import perform
from workflows.refusals import Refused

PAGE = 30


@seats(*ORGANISERS)
@require_http_methods(["GET", "HEAD", "POST"])
def batch_left(request, uuid):
    """Who has left, what hangs on them, who would take it; confirming gives on what was shown, application by
    application."""
    batch = organised(request, uuid)
    made, obstacles = reassigning.plan(batch, request.at), []
    if request.method == "POST":
        if request.POST.get("sha256") != made.sha256:
            obstacles = [_("预览之后评审组、专家库或申报有变动，请核对新的结果再确认。")]
        else:
            obstacles = _give_on(request, made.lines[: reassigning.MOST])
            if not obstacles:
                return redirect("batch_left", batch.uuid) if len(made.lines) > reassigning.MOST else redirect(batch)
            made = reassigning.plan(batch, request.at)
    page = Paginator(made.lines, PAGE).get_page(request.GET.get("page"))
    context = {
        "batch": batch, "plan": made, "page": page, "obstacles": obstacles, "people": made.people,
        "sheets": sum(len(line.left) for line in made.lines), "short": sum(line.short for line in made.lines),
        "most": reassigning.MOST,
    }  # fmt: skip
    return render(request, "approvals/left.html", context, status=422 if obstacles else 200)


def _give_on(request, lines):
    """Every application through the door by itself; [what was refused, in words]."""
    done, refused = 0, []
    for line in lines:
        try:
            perform(
                line.application, "reassign", by=request.user, at=request.at, version=line.application.version,
                data={"experts": [user.pk for user in line.heirs]},
            )  # fmt: skip
        except Refused as refusal:
            refused.append(f"{line.application.number}：{refusal}")
        else:
            done += 1
    if done:
        words = ngettext("已改派 %(n)d 份申报的评审。", "已改派 %(n)d 份申报的评审。", done) % {"n": done}
        messages.success(request, words)
    return refused
