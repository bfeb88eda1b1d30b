"""People go on with an upgraded database: chains hold, pages open, and what was in flight moves."""

from datetime import timedelta


def everything():
    """{"chains", "broken", "pages", "acts"}; the hour is that of the last act, and a little."""
    from django.apps import apps
    from django.utils import timezone

    from accounts import clock
    from accounts.models import ClockShift
    from pilots.models.case import Case
    from workflows import ledger
    from workflows.models import LedgerEntry

    last = LedgerEntry.objects.order_by("-at").first().at + timedelta(hours=1)
    seconds = int((last - timezone.now()).total_seconds())
    ClockShift.objects.update_or_create(pk=1, defaults={"seconds": seconds})
    cases = [case for model in apps.get_models() if issubclass(model, Case) for case in model._base_manager.all()]
    told = set(LedgerEntry.objects.values_list("case_uuid", flat=True))
    chains = [case for case in cases if case.uuid in told]
    return {
        "chains": len(chains), "untold": len(told) - len(chains),
        "broken": [str(case) for case in chains if ledger.verify(case)],
        "pages": pages(), "acts": acts(clock.now()),
    }  # fmt: skip


def pages():
    """{address: status} of the desk, cases and a certificate, as an officer and a passer-by see them."""
    from django.conf import settings
    from django.test import Client

    from accounts.models import User
    from approvals.models import Certificate
    from pilots.models import Application, Batch, Designation

    browser, stranger = Client(headers={"host": "127.0.0.1"}), Client(headers={"host": "127.0.0.1"})
    officer = User.objects.filter(grants__role="programme_officer").first()
    browser.force_login(officer, backend=settings.AUTHENTICATION_BACKENDS[0])
    certificate = Certificate.objects.filter(state="issued").first()
    cases = [
        Batch.objects.last(),
        Designation.objects.last(),
        Application.objects.exclude(state="draft").last(),
        certificate,
    ]
    found = {page: browser.get(page).status_code for page in ("/desk/", *(case.get_absolute_url() for case in cases))}
    address = f"/v/{certificate.code}/"
    return found | {address: stranger.get(address).status_code}


def acts(at):
    """What was in flight moves on: {act: (state before, state after, whether its chain is whole)}."""
    from accounts.clock import today
    from accounts.holders import holders
    from accounts.roles import Role
    from pilots.models import Application
    from workflows import ledger, perform

    letter = {"rank": 9, "letter_number": f"知函〔{today(at).year}〕900号", "opinion": "同意推荐。"}
    moves = (
        ("recommend", "province_review", Role.PROVINCE_OFFICER, {"data": letter}),
        ("withdraw", "ready", Role.APPLICANT_LEADER, {"reason": "不再申报"}),
    )
    done = {}
    for act, state, role, more in moves:
        case = Application.objects.filter(state=state).first()
        (person, *_others) = holders([role], case.scope(), at)[role]
        outcome = perform(case, act, by=person, at=at, **more)
        done[act] = (state, outcome.obj.state, not ledger.verify(outcome.obj))
    return done
