"""Who is looking at an application, and how much of it they may read (programmes.md §4)."""

from dataclasses import dataclass

from accounts.models import Place
from accounts.roles import NARROW, Role
from pilots.acts.application import APPLICANT

# Scores are for those who run the programme; offices in the provinces learn the outcome with everybody else.
SCORE_READERS = (
    Role.PROGRAMME_OFFICER,
    Role.EXPERT_SECRETARY,
    Role.DIVISION_HEAD,
    Role.COUNTERSIGNER,
    Role.LEADER,
    Role.AUDITOR,
)
_OFFICIALS = tuple(role for role in Role if role not in (*APPLICANT, *NARROW, Role.EXPERT, Role.SYSTEM, Role.PUBLIC))


@dataclass(frozen=True)
class Viewer:
    """One person's view of one application."""

    user: object
    mine: bool
    official: bool
    expert: bool
    scores: bool
    blind: bool
    # Asked to fill in parts of it, and nothing else to it.
    helper: bool = False

    @property
    def inside(self):
        """Officials who are not also the applicant: they read names and reasons."""
        return self.official and not self.mine


def viewer_of(application, authority):
    """What `authority` is to `application`; one who is an expert on it is that first of all."""
    scope = application.scope()
    mine = authority.seat(APPLICANT, scope) is not None
    reviewing = authority.user.pk in scope.people and authority.seat((Role.EXPERT,), scope) is not None
    official = authority.seat(_OFFICIALS, scope) is not None and not reviewing
    scoring = application.rules.scoring
    return Viewer(
        user=authority.user,
        mine=mine,
        official=official,
        expert=reviewing,
        scores=official and not mine and authority.seat(SCORE_READERS, scope) is not None,
        blind=reviewing and scoring is not None and scoring.blind,
        helper=not (mine or official or reviewing) and bool(application.helper_sections(authority.user)),
    )


def is_inside(case, authority):
    """True for officials of any case who are not also its own people: they read names and reasons."""
    scope = case.scope()
    return authority.seat(APPLICANT, scope) is None and authority.seat(_OFFICIALS, scope) is not None


def face(application, viewer):
    """What the application is called on this person's pages: blind reviewers see its number only."""
    return application.number if viewer.blind else (application.title or application.number)


# Stands where a blind reviewer would read a name.
MASK = "□□"


def identity_words(application):
    """What gives an application away wherever it stands in a text: the applicant, its place and the places above it,
    in full and in short, longest first; one statement."""
    places = Place.objects.filter(pk__in=application.place.ancestor_ids).exclude(kind=Place.Kind.NATION)
    found = {application.organisation.name, application.organisation.name_en}
    for place in places:
        found |= {place.name, place.short_name, place.name_en}
    return sorted((word for word in found if len(word) > 1), key=lambda word: (-len(word), word))


def masked(value, words):
    """Answers with every one of `words` taken out of their texts."""
    if isinstance(value, str):
        for word in words:
            value = value.replace(word, MASK)
        return value
    if isinstance(value, dict):
        return {key: masked(item, words) for key, item in value.items()}
    return [masked(item, words) for item in value] if isinstance(value, list) else value


def blind_reviewer(application, authority):
    """True for a person who judges the application without being told whose it is."""
    scoring = application.rules.scoring
    return scoring is not None and scoring.blind and authority.user.pk in application.reviewer_ids()
