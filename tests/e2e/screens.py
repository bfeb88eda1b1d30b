"""The screens of the product: who looks at which address. Accessibility tests and `make shots` walk the same list."""

from dataclasses import dataclass

from accounts.models import User
from approvals.models import Certificate, CertificateTemplate, Expert, GrantRequest, Objection, SealUse
from notifications.models import Deadline
from pilots.models import Application, Batch, Change, Designation, RulesDraft


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
    # The trial zone has quotas and a province at work.
    opened = first(Batch, state="open", rules_version__programme__code="service_cluster_trial_zone") or batch
    application = first(Application, state="expert_review") or first(Application)
    draft = first(Application, state="draft")
    site, certificate = first(Designation), first(Certificate, state="issued")
    objection = first(Objection)
    waiting = Application.objects.filter(state="panel_draw").select_related("batch").last()
    change, mending = first(Change), first(Designation, state="rectifying")
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
        Screen("deadlines", "officer", "/deadlines/"), Screen("deadlines_month", "officer", "/deadlines/?view=month"),
        Screen("deadlines_empty", "officer", "/deadlines/?q=nothing-like-this"), Screen("deadlines_mine", "applicant", "/deadlines/"),
        Screen("deadline", "officer", first(Deadline, closed_at=None).get_absolute_url()),
        Screen("feeds", "officer", "/deadlines/feeds/"), Screen("years", "officer", "/calendar/years/"),
        Screen("year", "officer", "/calendar/years/2018/"), Screen("year_load", "officer", "/calendar/years/load/"),
        Screen("inbox", "officer", "/inbox/"), Screen("ops", "officer", "/ops/"), Screen("mailbox", "officer", "/demo/mail/"),
        Screen("experts", "officer", "/experts/"), Screen("expert_import", "officer", "/experts/import/"),
        Screen("expert_new", "officer", "/experts/new/"), Screen("expert_mine", "expert1", "/experts/me/"),
        Screen("expert", "officer", f"/experts/{first(Expert).uuid}/"), Screen("ended", "", "/ended/"),
        Screen("mfa", "head", "/accounts/2fa/"), Screen("sessions", "head", "/accounts/sessions/"),
        Screen("password_reset", "", "/accounts/password/reset/"), Screen("password_change", "head", "/accounts/password/change/"),
        Screen("reauthenticate", "head", "/accounts/reauthenticate/"),
        Screen("my_seats", "head", "/me/seats/"), Screen("telling", "officer", "/me/telling/"), Screen("week", "officer", "/week/"),
        Screen("words", "officer", "/words/"), Screen("words_of", "officer", "/words/reminder/"), Screen("objection_track", "", "/objections/track/"),
        Screen("batch_list", "officer", f"/batches/{batch.uuid}/list/"),
        Screen("search", "officer", "/search/?q=xh"), Screen("not_found", "officer", "/no-such-page/"),
        Screen("not_understood", "officer", "/no-such-page/%00"),
    ]  # fmt: skip
    found += [
        Screen("channels", "officer", "/ops/channels/"), Screen("channel_new", "officer", "/ops/channels/new/webhook/"),
        Screen("channel_new_bot", "officer", "/ops/channels/new/dingtalk/"), Screen("outgoing", "officer", "/ops/outgoing/"),
        Screen("dead", "officer", "/ops/dead/"),
    ]  # fmt: skip
    trial = "/programmes/service_cluster_trial_zone/"
    found += [
        Screen("programmes", "officer", "/programmes/"), Screen("programme", "officer", trial),
        Screen("programme_versions", "officer", f"{trial}?tab=versions"),
        Screen("programme_confirm", "officer", f"{trial}?tab=confirm"),
        Screen("programme_copy", "officer", f"{trial}copy/?as=programme"), Screen("programme_adopt", "officer", f"{trial}adopt/"),
    ]  # fmt: skip
    rules = first(RulesDraft)
    if rules is not None:
        home = rules.get_absolute_url()
        pages = ("", "part/basics/", "part/form/", "part/form/?at=section.0", "part/stages/", "part/review/", "part/papers/",
                 "part/judging/", "text/", "check/", "preview/", "preview/?show=flow", "preview/?show=calendar",
                 "preview/?show=certificate", "changes/", "history/")  # fmt: skip
        found += [Screen(f"rules_{number}", "officer", f"{home}{page}") for number, page in enumerate(pages)]
    found += [
        Screen(name, "officer", path.format(row.uuid))
        for name, path, row in (
            ("batch_draw", "/batches/{}/draw/", waiting and waiting.batch),
            ("batch_left", "/batches/{}/left/", waiting and waiting.batch),
            ("quotas", "/batches/{}/quotas/", opened),
            ("change", "/changes/{}/", change),
            ("rectification", "/pilots/{}/rectification/", mending),
        )
        if row
    ]
    if application:
        found += [
            Screen("evidence", "officer", f"/evidence/application/{application.uuid}/"),
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
            Screen("workbook", who, f"/applications/{draft.uuid}/sheet/"),
            Screen("materials", who, f"/applications/{draft.uuid}/edit/materials/"),
            Screen("preview", who, f"/applications/{draft.uuid}/edit/preview/"),
            Screen("act_submit", who, f"/do/application/{draft.uuid}/submit/"),
        ]
    if site:
        found += [
            Screen("site", "officer", f"/pilots/{site.uuid}/"),
            Screen("place", "officer", f"/places/{site.place_id}/"),
            Screen("place_successor", "officer", f"/places/{site.place_id}/successor/"),
            Screen("evidence_site", "auditor", f"/evidence/designation/{site.uuid}/"),
        ]
    if certificate:
        found += [
            Screen("verify", "", f"/v/{certificate.code}/"), Screen("certificate", "officer", f"/certificates/{certificate.uuid}/"),
            Screen("document", "officer", f"/documents/{batch.documents.first().pk}/"),
        ]  # fmt: skip
    found += [*_sealing(), *_administrators()]
    if batch.notice_from:
        found.append(Screen("notice", "", f"/notices/{batch.uuid}/"))
    if objection:
        found += [
            Screen("objection", "handler", f"/objections/{objection.uuid}/"),
            Screen("objection_reply", "", f"/objections/reply/{objection.receipt}/"),
        ]
    return found


def _sealing():
    """Requests for the seal, and templates."""
    request = SealUse.objects.filter(state="waiting").order_by("pk").last()
    template = CertificateTemplate.objects.order_by("pk").last()
    done = SealUse.objects.filter(state="approved").order_by("-size").first()
    found = []
    if request and done:
        found += [
            Screen("seals", "officer", "/seals/"),
            Screen("seal_new", "officer", f"/seals/new/?programme={request.programme.code}"),
            Screen("seal", "head", request.get_absolute_url()),
            Screen("seal_approve", "head", f"/do/sealuse/{request.uuid}/approve/"),
            Screen("seal_done", "officer", done.get_absolute_url()),
            Screen("verify_file", "", f"/v/file/{'0' * 64}/"),
        ]
    if template:
        found += [
            Screen("templates", "officer", "/templates/"), Screen("template", "officer", template.get_absolute_url()),
            Screen("template_new", "officer", "/templates/new/?base=plaque"), Screen("template_fonts", "officer", "/templates/fonts/"),
        ]  # fmt: skip
    return found


def _administrators():
    """People, seats and the requests about them."""
    asked = GrantRequest.objects.filter(state="waiting", kind="give").order_by("pk").first()
    if asked is None:
        return []
    who = asked.lines.first().user
    seat = f"/people/{who.pk}/"
    return [
        Screen("desk_sysadmin", "sysadmin", "/desk/"), Screen("desk_secadmin", "secadmin", "/desk/"),
        Screen("people", "sysadmin", "/people/"), Screen("people_empty", "auditor", "/people/?q=nothing-like-this"),
        Screen("person", "sysadmin", seat), Screen("person_security", "secadmin", f"/people/{User.objects.get(username='assessor').pk}/"),
        Screen("person_new", "sysadmin", "/people/new/"), Screen("person_switch", "sysadmin", f"{seat}switch/"), Screen("person_contact", "sysadmin", f"{seat}contact/"), Screen("person_cut", "secadmin", f"{seat}cut/"),
        Screen("organisations", "sysadmin", "/organisations/"), Screen("organisation_new", "sysadmin", "/organisations/new/"),
        Screen("grants", "secadmin", "/grants/"), Screen("grant_request", "secadmin", asked.get_absolute_url()),
        Screen("grant_new", "sysadmin", f"/grants/new/?user={who.username}"), Screen("grant_sheet", "sysadmin", "/grants/sheet/"),
        Screen("activate_over", "", "/activate/MQ/x/"),
    ]  # fmt: skip
