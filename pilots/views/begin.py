"""Starting an application: may this body apply, for which place; then the draft begins."""

from django import forms
from django.db import IntegrityError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts import clock
from accounts.access import seats
from accounts.authority import Authority
from accounts.models import Organisation, Place
from pilots import eligibility
from pilots.acts.application import APPLICANT
from pilots.forms.build import _Lazy
from pilots.models import Application, Batch, BatchState
from pilots.models.application import ENDED
from pilots.views.look import programme_name, state_of
from pilots.views.public import per_words
from workflows.beginnings import begin_application
from workflows.once import once
from workflows.refusals import Denied, NotNow


class _PlaceField(forms.ModelChoiceField):
    def label_from_instance(self, place):
        return f"{place.display_name}（{place.get_kind_display()}）"


class BeginForm(forms.Form):
    """Which body, which place, and the programme's own screening questions."""

    organisation = forms.ModelChoiceField(
        label=_("以哪个单位申报"), queryset=Organisation.objects.none(), empty_label=None
    )
    place = _PlaceField(label=_("为哪个地区申报"), queryset=Place.objects.none(), empty_label=None)

    def __init__(self, *args, organisations, places, screen, per="place", **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations
        self.fields["place"].queryset = places
        if per != "place":
            self.fields["place"].label = _t("单位或项目所在地区")
        self.screen = {f"screen_{index}": text for index, text in enumerate(screen)}
        for name, text in self.screen.items():
            self.fields[name] = forms.ChoiceField(
                label=_Lazy(text), choices=[("yes", _("是")), ("no", _("否"))], widget=forms.RadioSelect
            )

    def refused(self):
        """Questions answered with no, as reasons."""
        return [
            _t("不符合条件：%(question)s") % {"question": text}
            for name, text in self.screen.items()
            if self.cleaned_data.get(name) == "no"
        ]


@seats(*APPLICANT)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def application_new(request, uuid):
    """The eligibility check of a call; POST begins a draft."""
    authority = Authority.of(request.user, request.at)
    batch = get_object_or_404(Batch.objects.visible_to(authority).select_related(*Batch.related), uuid=uuid)
    organisations, places = _choices(authority, batch, clock.today(request.at))
    applicants = batch.rules.applicants
    given = {"organisations": organisations, "places": places, "screen": applicants.screen, "per": applicants.per}
    form = BeginForm(request.POST or None, **given)
    obstacles = []
    if request.method == "POST" and form.is_valid():
        obstacles = form.refused()
        if not obstacles:
            begun, obstacles = _begin(request, batch, form.cleaned_data)
            if begun is not None:
                first = batch.rules.sections[0].code if batch.rules.sections else "materials"
                return redirect("application_edit", begun.uuid, first)
    elif request.method != "POST":
        obstacles = _known(batch, organisations, places, request.at)
    return render(
        request,
        "pilots/begin.html",
        {
            "batch": batch,
            "programme": programme_name(batch.programme),
            "form": form,
            "obstacles": obstacles,
            "open": _open(batch, organisations, request.at),
            "existing": [(row, state_of(row)) for row in _existing(authority, batch)],
            "per": applicants.per,
            "per_words": per_words(applicants),
            "nowhere": not places,
            "today": clock.today(request.at),
            "ask": batch.rules.division,
        },
        status=422 if request.method == "POST" else 200,
    )


def _begin(request, batch, chosen):
    """(draft or None, obstacles in words)."""
    organisation, place = chosen["organisation"], chosen["place"]
    obstacles = [item.text for item in eligibility.obstacles(batch, organisation, place, request.at)]
    if obstacles:
        return None, obstacles
    try:
        done = begin_application(batch, organisation=organisation, place=place, by=request.user, at=request.at)
    except (NotNow, Denied) as refusal:
        return None, [reason.text for reason in refusal.reasons]
    except IntegrityError:
        # Somebody began for the same place meanwhile; the database has the last word.
        subject = place if batch.rules.applicants.per == "place" else organisation
        return None, [_t("%(place)s在本批次已有一份申报。") % {"place": subject}]
    return done.obj, []


def _choices(authority, batch, day):
    """(bodies this person acts for, places within theirs that may apply)."""
    ids = {
        held.organisation_id
        for held in authority.held
        if held.role in APPLICANT and held.programme in ("", batch.programme.code)
    }
    organisations = Organisation.objects.filter(pk__in=ids).select_related("place").order_by("name")
    places = Place.objects.none()
    for organisation in organisations:
        places |= Place.objects.within(organisation.place)
    kinds = batch.rules.applicants.place_kinds
    if kinds:
        places = places.filter(kind__in=kinds)
    return organisations, places.exclude(valid_to__lt=day).order_by("path")


def _known(batch, organisations, places, at):
    """What can be said before anything is chosen: with one body and one place, everything."""
    if len(organisations) == 1 and len(places) == 1:
        return [item.text for item in eligibility.obstacles(batch, organisations[0], places[0], at)]
    return [] if _open(batch, organisations, at) else [_t("申报窗口已关闭。")]


def _open(batch, organisations, at):
    """True while applications are taken from the province of one of these bodies at least."""
    if batch.state == BatchState.OPEN and at < batch.closes_at:
        return True
    return any(batch.takes_from(organisation.place, at) for organisation in organisations)


def _existing(authority, batch):
    return (
        Application.objects.visible_to(authority)
        .filter(
            batch=batch,
            organisation_id__in=[held.organisation_id for held in authority.held if held.organisation_id],
        )
        .exclude(state__in=ENDED)
        .select_related("place", "organisation")
        .defer("answers")
    )
