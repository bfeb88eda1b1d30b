"""From a signed list to a numbered document, designations and certificate rows."""

from django.db.models import Max

from accounts import clock
from approvals import templating
from approvals.certificates.codes import new_code
from approvals.certificates.numerals import chinese_date
from approvals.documents.kinds import revocation
from approvals.models import Certificate, CertificateState, Document
from approvals.rules.numbering import certificate_serial, document_number
from pilots import terms
from pilots.models import Counter, Designation
from pilots.models.designation import COUNTING, road_of


def draw_up(batch, applications, dated, at, by):
    """The numbered document of a batch. The number is taken from the series' row-locked counter."""
    rules = batch.rules.document
    number = _next_number(batch, dated.year)
    names = [subject_of(application) for application in applications]
    awards = awards_of(batch, applications)
    fields = {
        "batch": batch.title,
        "programme": batch.rules.name.zh,
        "first": names[0] if names else "",
        "n": str(len(names)),
        "places": "、".join(names),
        "call": batch.call_number or batch.title,
    }
    return Document.objects.create(
        batch=batch,
        kind=rules.kind,
        number=number,
        title=_fill(rules.title.zh, fields),
        body=_fill(rules.body.zh, fields) + "\n" + rules.closing.zh,
        annex=[
            {"rank": application.list_rank, "number": application.number, "place": application.place.name, "holder": application.organisation.name,
             "title": site_title(application), **awards.get(application.pk, {})}
            for application in applications
        ],
        dated=dated,
        at=at,
        by=by,
    )  # fmt: skip


def renumber(old, at, by):
    """The same document under the next number; the old one is void and points to it."""
    new = Document.objects.create(
        batch=old.batch, kind=old.kind, number=_next_number(old.batch, old.dated.year), title=old.title, body=old.body,
        annex=old.annex, dated=old.dated, joint_numbers=old.joint_numbers, at=at, by=by,
    )  # fmt: skip
    old.void, old.replaced_by = True, new
    old.save(update_fields=["void", "replaced_by"])
    return new


def correct(old, wrong, right, at, by):
    """A notice of correction with a number of its own; the old document stays as it is."""
    day = clock.today(at)
    return Document.objects.create(
        batch=old.batch, kind="通知", number=_next_number(old.batch, day.year), dated=day, at=at, by=by, corrects=old,
        title=f"关于更正{old.number}的通知"[:200],
        body=f"{old.number}《{old.title}》中“{wrong}”更正为“{right}”，其余内容不变。\n特此通知。",
    )  # fmt: skip


def revoke(row, at, by):
    """The numbered decision of a revocation, from the series of the site's batch; its words as the office has them."""
    site, day = row.designation, clock.today(at)
    title, body = revocation.text(row)
    return Document.objects.create(
        batch=site.batch, kind=revocation.KIND, number=_next_number(site.batch, day.year), dated=day, at=at, by=by,
        title=title[:200], body=body,
    )  # fmt: skip


def _next_number(batch, year):
    series = batch.rules.document.series
    return document_number(series.strip(), year, Counter.take(series, year))


def document_for(application, at, by):
    """The document that approves one application: the batch's, or one of its own when it was held back."""
    document = application.batch.documents.filter(void=False, corrects__isnull=True).order_by("pk").first()
    # By number: names of places occur twice (鼓楼区). Documents from before carry none.
    if any(row.get("number", application.number) == application.number and row["place"] == application.place.name
           for row in document.annex):  # fmt: skip
        return document
    return draw_up(application.batch, [application], clock.today(at), at, by)


def subject_of(application):
    """Whom a paper names: the place, the body, or the project, as the rules count applications."""
    match application.rules.applicants.per:
        case "place":
            return application.place.name
        case "organisation":
            return application.organisation.name
        case _:
            return application.title or application.organisation.name


def site_title(application):
    """「南京市江宁区国家知识产权服务业集聚发展试验区」."""
    return f"{subject_of(application)}{application.rules.name.zh}"


def replaced_by(application):
    """Titles of the same holder whose rules say that this one takes their place (rules: upgrade, takes_over)."""
    rules, code = application.rules, application.batch.programme.code
    same = (
        {"place": application.place} if rules.applicants.per == "place" else {"organisation": application.organisation}
    )
    rows = Designation.objects.filter(state__in=COUNTING, **same).select_related(*Designation.related)
    return [
        row for row in rows.exclude(batch__programme__code=code).order_by("pk")
        if (row.rules.upgrade and row.rules.upgrade.target == code and row.rules.upgrade.replaces)
        or row.batch.programme.code in rules.takes_over
    ]  # fmt: skip


def awards_of(batch, applications):
    """{application pk: {"award", "award_en"}} for the annex of a prize; empty for everything else. One statement."""
    classes = {item.code: item.name for item in batch.rules.classes}
    if not classes:
        return {}
    given = dict(batch.list_items.filter(version=batch.list_version).values_list("application_id", "award"))
    found = {row.pk: classes[given.get(row.pk) or batch.rules.classes[-1].code] for row in applications}
    return {pk: {"award": name.zh, "award_en": name.en} for pk, name in found.items()}


def award_of(application):
    """The class of a prize the signed list gave an application, or None (rules: class)."""
    classes = application.rules.classes
    if not classes:
        return None
    line = application.list_items.filter(version=application.batch.list_version).first()
    # Who moved up after the list was signed gets the last class: nobody above is moved.
    code = line.award if line is not None and line.award else classes[-1].code
    return next(item for item in classes if item.code == code)


def designate(application, document):
    """The designation of an approved application: number, holder and term frozen as printed."""
    rules = application.rules
    start, end, text = terms.of_designation(rules, document.dated)
    serial = Counter.take(f"site:{rules.number_prefix}", document.dated.year)
    award, before = award_of(application), replaced_by(application)
    return Designation.objects.create(
        application=application,
        batch=application.batch,
        # What it was judged by is what it is built by.
        rules_version=application.rules_version,
        number=f"{rules.number_prefix}-S{document.dated.year}-{serial:03d}",
        title=site_title(application)[:120],
        holder_name=application.organisation.name,
        place=application.place,
        organisation=application.organisation,
        term_start=start,
        term_end=end,
        term_text=text,
        state=road_of(rules),
        grade=award.name.zh if award else "",
        grade_en=award.name.en if award else "",
        predecessor=before[0] if before else None,
    )


def certificate_row(site, kind, at):
    """A pending certificate of a site with its words frozen, or None where the programme prints none.

    An acceptance certificate supersedes the designation certificate when it is issued.
    """
    rules = site.rules.certificate
    accepted = kind == Certificate.Kind.ACCEPTANCE
    builds = site.rules.shape == "II"
    if rules is None or (accepted and rules.on_acceptance is None and not builds):
        return None
    day = clock.today(at)
    paragraph = (rules.on_acceptance if accepted else None) or rules.paragraph
    design = (rules.acceptance_design if accepted else None) or rules.design
    fields = {
        "place": holder_of(site),
        "title": site.title,
        "term": site.term_text,
        "document": site.batch.document_number,
        "grade": site.grade,
        # The class of a prize; programmes without classes do not name it.
        "class": site.grade if site.rules.classes else "",
    }
    # The paper of the title this one took the place of is replaced, too.
    papers = list(site.certificates.select_related("superseded_by").order_by("-pk"))
    standing = [row for row in papers if row.state != CertificateState.REVOKED]
    previous = standing[0] if standing else _paper_before(site)
    if previous is not None and hasattr(previous, "superseded_by"):
        previous = None
    revision = max((row.revision for row in papers if row.kind == kind), default=0)
    return Certificate(
        designation=site,
        kind=kind,
        revision=revision + 1,
        serial=certificate_serial(site.rules.number_prefix, day.year, Counter.take(f"cert:{rules.series}", day.year)),
        code=new_code(),
        template=templating.newest(design),
        words={
            "design": design,
            "title": rules.title.zh,
            "programme": site.rules.name.zh,
            "holder": site.holder_name,
            "paragraph": _fill(paragraph.zh, fields),
            # The class of a prize stands in a place of its own; a grade of acceptance is part of the text.
            "grade": fields["class"],
            "issuer": rules.issuer.zh,
            "issued_on": day.isoformat(),
            "issued_on_text": chinese_date(day),
        },
        valid_from=site.term_start,
        valid_to=_last_day(site, kind),
        supersedes=previous,
    )  # fmt: skip


def new_edition(old, cause, words, at):
    """A pending certificate that will stand in the place of `old`: its words with `words` put in, a new number and code.

    The day under the words is the day of the new edition; the term stays as printed (programmes.md §5, correction).
    """
    site, day = old.designation, clock.today(at)
    rules = site.rules.certificate
    revision = site.certificates.filter(kind=old.kind).aggregate(last=Max("revision"))["last"]
    return Certificate(
        designation=site,
        kind=old.kind,
        cause=cause,
        revision=revision + 1,
        serial=certificate_serial(site.rules.number_prefix, day.year, Counter.take(f"cert:{rules.series}", day.year)),
        code=new_code(),
        template=templating.newest(old.words.get("design", rules.design)),
        words=old.words | words | {"issued_on": day.isoformat(), "issued_on_text": chinese_date(day)},
        valid_from=old.valid_from,
        valid_to=old.valid_to,
        supersedes=old,
    )


def holder_of(site):
    """Whom a certificate names: the place where titles are the places', the body otherwise."""
    return site.place.name if site.rules.applicants.per == "place" else site.holder_name


def _last_day(site, kind):
    """The last day a certificate counts, or None: what runs, or has no last day, counts until it is taken back."""
    if site.operating_since is not None or site.term_end is None:
        return None
    if kind == Certificate.Kind.ACCEPTANCE:
        # A site that was accepted holds its title on; the paper says for how long (X: as long as the term).
        return terms.add_months(site.term_end, site.rules.term.months or 36)
    return site.term_end


def _paper_before(site):
    before = site.predecessor.certificates.order_by("-pk").first() if site.predecessor_id else None
    return None if before is None or hasattr(before, "superseded_by") else before


def _fill(text, fields):
    for name, value in fields.items():
        text = text.replace("{" + name + "}", value)
    return text
