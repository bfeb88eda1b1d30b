"""The screens of the product: who looks at which address. Accessibility tests and `make shots` walk the same list."""

from dataclasses import dataclass

from approvals.models import Certificate, Objection
from pilots.models import Application, Batch, Designation


@dataclass(frozen=True)
class Screen:
    """One picture: its name, who looks, where."""

    name: str
    who: str
    path: str


def screens():
    """Every screen of this installation that has something to show."""

    def first(model, **where):
        return model.objects.filter(**where).order_by("pk").last()

    batch = first(Batch, state="issued") or first(Batch)
    opened = first(Batch, state="open") or batch
    application = first(Application, state="expert_review") or first(Application)
    draft = first(Application, state="draft")
    site, certificate = first(Designation), first(Certificate, state="issued")
    objection = first(Objection)
    found = [
        Screen("home", "", "/"), Screen("calls", "", "/calls/"), Screen("call", "", f"/calls/{opened.uuid}/"),
        Screen("login", "", "/accounts/login/"), Screen("verify_ask", "", "/v/"),
        Screen("verify_unknown", "", "/v/0000000000/"), Screen("notices", "", "/notices/"),
        Screen("guide", "", "/demo/"), Screen("source", "", "/source/"),
        Screen("desk_officer", "officer", "/desk/"), Screen("desk_applicant", "applicant", "/desk/"),
        Screen("desk_province", "province", "/desk/"), Screen("tasks", "officer", "/tasks/"),
        Screen("applications", "officer", "/applications/"),
        Screen("applications_empty", "officer", "/applications/?q=nothing-like-this"),
        Screen("batches", "officer", "/batches/"), Screen("batch_new", "officer", "/batches/new/"),
        Screen("batch", "officer", f"/batches/{batch.uuid}/"), Screen("recommend", "province", f"/recommend/{opened.uuid}/"),
        Screen("check_queue", "checker", "/check/"), Screen("reviews", "expert1", "/review/"),
        Screen("sites", "officer", "/pilots/"), Screen("certificates", "officer", "/certificates/"),
        Screen("objections", "handler", "/objections/"), Screen("calendar", "officer", "/calendar/"),
        Screen("inbox", "officer", "/inbox/"), Screen("ops", "officer", "/ops/"), Screen("mailbox", "officer", "/demo/mail/"),
        Screen("search", "officer", "/search/?q=xh"), Screen("not_found", "officer", "/no-such-page/"),
    ]  # fmt: skip
    if application:
        found += [
            Screen("application", "officer", f"/applications/{application.uuid}/"),
            Screen("act_withdraw", "officer", f"/do/application/{application.uuid}/withdraw/"),
            Screen("act_add_expert", "officer", f"/do/application/{application.uuid}/add_expert/"),
        ]
        review = application.reviews.filter(expert__username="expert1").first()
        if review:
            found.append(Screen("review", "expert1", f"/review/{application.uuid}/"))
    if draft:
        who = draft.created_by.username
        section = draft.rules.sections[1].code
        found += [
            Screen("edit", who, f"/applications/{draft.uuid}/edit/{section}/"),
            Screen("edit_error", who, f"/applications/{draft.uuid}/edit/{draft.rules.sections[0].code}/?check=1"),
            Screen("materials", who, f"/applications/{draft.uuid}/edit/materials/"),
            Screen("preview", who, f"/applications/{draft.uuid}/edit/preview/"),
            Screen("act_submit", who, f"/do/application/{draft.uuid}/submit/"),
        ]
    if site:
        found += [
            Screen("site", "officer", f"/pilots/{site.uuid}/"),
            Screen("place", "officer", f"/places/{site.place_id}/"),
        ]
    if certificate:
        found += [
            Screen("verify", "", f"/v/{certificate.code}/"), Screen("certificate", "officer", f"/certificates/{certificate.uuid}/"),
            Screen("document", "officer", f"/documents/{batch.documents.first().pk}/"),
        ]  # fmt: skip
    if batch.notice_from:
        found.append(Screen("notice", "", f"/notices/{batch.uuid}/"))
    if objection:
        found.append(Screen("objection", "handler", f"/objections/{objection.uuid}/"))
    return found
