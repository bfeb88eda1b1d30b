"""One part of a draft as a form: shown, saved as typed, rows added and moved; and the autosave of single values."""

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import seats
from pilots.authoring import choosing, form, reading, words
from pilots.authoring.form import same
from pilots.authoring.parts import BY_CODE, PARTS, joined, located, split
from pilots.authoring.saving import WRITERS, Conflict, NotEditable, Seen, Unreadable, may_write, put_back, save
from pilots.authoring.slots import is_heavy, slot_at
from pilots.authoring.writing import WrongPlace
from pilots.models import Programme
from pilots.models.rules_draft import READERS
from pilots.rules.stages import STAGE_ORDER
from pilots.views.look import programme_name
from pilots.views.rules import draft_or_404, faults_of, frame, sections_of, stamp

# What a page sends besides its values.
_BUTTONS = frozenset({"csrfmiddlewaretoken", "rev", "do", "stay", "next", "new_stage"})
# Who usually does a stage that is added; the author may choose otherwise.
OWNERS = {
    "CALL": "programme_officer", "DRAFT": "applicant_leader", "PREF": "prefecture_officer", "PROV": "province_officer",
    "FORM": "formality_checker", "SUPP": "applicant_leader", "EXP": "expert", "SITE": "expert_secretary",
    "SURV": "survey_contractor", "CUT": "programme_officer", "SIGN": "leader", "NOTC": "publicity_officer",
    "DOC": "document_clerk", "AGR": "applicant_leader", "PLAQ": "document_clerk", "PLAN": "applicant_leader",
    "ANN": "applicant_contact", "MID": "applicant_leader", "CHG": "division_head", "SELF": "applicant_leader",
    "PACC": "province_officer", "ACC": "acceptance_group_lead", "RECT": "applicant_leader", "REX": "division_head",
    "UPG": "applicant_leader", "REV": "leader",
}  # fmt: skip


@seats(*READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def rules_part(request, uuid, part):
    """One part of the rules; everything on it is one form, and every button of it saves first."""
    draft = draft_or_404(request, uuid)
    if part not in BY_CODE:
        raise Http404
    if reading.data_of(draft.text) is None:
        messages.warning(request, _("文本不能读取，先在“文本”页改好，才能逐项修改。"))
        return redirect("rules_text", draft.uuid)
    at = element_of(draft, part, request.GET.get("at", ""))
    seen = Seen(at=at) if at else Seen(keys=BY_CODE[part].keys)
    if request.method == "POST":
        return _post(request, draft, part, at, seen)
    return _show(request, draft, part, at, seen)


def element_of(draft, part, dotted):
    """The path of an element with a page of its own, from the address; () for the part itself."""
    at = split(dotted)
    if not at:
        return ()
    slot = slot_at(at[:-1]) if isinstance(at[-1], int) else None
    if (
        slot is None
        or not is_heavy(slot)
        or at[0] not in BY_CODE[part].keys
        or located(reading.data_of(draft.text), dotted) != at
    ):
        raise Http404
    return at


def source_of(draft, found, *, readonly):
    """What the form is made from."""
    data = reading.data_of(draft.text)
    confirm = {}
    for item in choosing.tables(data.get("confirm")):
        confirm[located(data, str(item.get("path", "")))] = str(item.get("reason", ""))
    programmes = tuple((row.code, programme_name(row)) for row in Programme.objects.order_by("code"))
    return form.Source(data, faults_of(draft, found), programmes, readonly, confirm)


def _page(request, draft, part, at):
    found = reading.findings(draft.text, own=draft.code)
    source = source_of(draft, found, readonly=not may_write(draft, request.user, request.at))
    return form.page(source, BY_CODE[part].keys, at)


def _show(request, draft, part, at, seen, *, made=None, conflict=None, status=200):
    shared = frame(request, draft, "rules_draft")
    made = made or _page(request, draft, part, at)
    here, address = BY_CODE[part], reverse("rules_part", args=[draft.uuid, part])
    order = [one.code for one in PARTS]
    index = order.index(part)
    return render(
        request,
        "rules/part.html",
        {
            **shared,
            "part": here,
            "at": joined(at),
            "heading": choosing.titled(_element(draft, at)) or here.label if at else here.label,
            "up": address if at else "",
            "address": f"{address}?{urlencode({'at': joined(at)})}" if at else address,
            "save_url": reverse("rules_save", args=[draft.uuid, part]) + (f"?{urlencode({'at': joined(at)})}" if at else ""),
            "nodes": made.nodes,
            "loose": made.loose,
            "rev": seen.print_of(draft.text),
            "conflict": conflict,
            "sections": sections_of(draft, shared["found"], part),
            "saved": stamp(draft),
            "undo": draft.undo_rev is not None and draft.undo_rev == draft.rev,
            "before": reverse("rules_part", args=[draft.uuid, order[index - 1]]) if index else "",
            "after": reverse("rules_part", args=[draft.uuid, order[index + 1]]) if index + 1 < len(order) else reverse("rules_check", args=[draft.uuid]),
        },
        status=status,
    )  # fmt: skip


def _element(draft, at):
    here = reading.data_of(draft.text)
    for one in at:
        here = here[one]
    return here


def _post(request, draft, part, at, seen):
    do, _colon, target = request.POST.get("do", "").partition(":")
    made = _page(request, draft, part, at)
    typed = typed_in(request.POST, made)
    where = {}

    def change(writing):
        for name, value in typed.items():
            if not same(made.inputs[name], value):
                writing.set(made.inputs[name]["path"], value)
        if do:
            where["path"] = operate(writing, do, split(target), request.POST)

    try:
        if do == "undo":
            put_back(draft, by=request.user, at=request.at)
            return redirect(request.get_full_path())
        save(draft, change, by=request.user, at=request.at, seen=seen, rev=request.POST.get("rev", ""),
             keep_undo=do in ("del", "drop"))  # fmt: skip
    except NotEditable:
        messages.info(request, _("这份草案现在不能修改。"))
        return redirect("rules_draft", draft.uuid)
    except (WrongPlace, Unreadable):
        messages.warning(request, _("这一处的写法不能在表单中修改，请到“文本”页修改。没有保存。"))
        return redirect("rules_text", draft.uuid)
    except Conflict as conflict:
        return _both(request, conflict.draft, part, at, seen)
    return redirect(_next(request, draft, part, at, do, where.get("path")))


def typed_in(posted, made):
    """{name: [values]} of what the page sent. Boxes that are not ticked are not sent, all others are."""
    found = {}
    for name, one in made.inputs.items():
        if one["node"]["fixed"]:
            continue
        if name in posted or one["node"]["widget"] in ("check", "checks"):
            found[name] = posted.getlist(name)
    return found


def operate(writing, do, path, posted):
    """Adds, moves or takes away rows and tables; returns the path to go to afterwards."""
    if do == "add" and path == ("stage",):
        code = posted.get("new_stage", "")
        if code not in STAGE_ORDER:
            raise WrongPlace(path)
        codes = [row.get("code") for row in writing.find(path) or ()]
        later = next(
            (
                index
                for index, one in enumerate(codes)
                if one in STAGE_ORDER and STAGE_ORDER.index(one) > STAGE_ORDER.index(code)
            ),
            None,
        )
        left_out = [row.get("stage") for row in writing.find(("omitted",)) or ()]
        if code in left_out:
            # It is used now: nobody has to say any more why it is not.
            writing.remove(("omitted", left_out.index(code)))
        return (*path, writing.append(path, {"code": code, "owner": OWNERS[code]}, before=later))
    if do == "add":
        return (*path, writing.append(path))
    if do == "up":
        writing.move_up(path)
        return (*path[:-1], path[-1] - 1)
    if do in ("del", "drop"):
        writing.remove(path)
        return path[:-1]
    if do == "block":
        writing.add_block(path)
        return path
    raise WrongPlace(path)


def _next(request, draft, part, at, do, path):
    address = reverse("rules_part", args=[draft.uuid, part])
    if do == "add" and path and is_heavy(slot_at(path[:-1])):
        return f"{address}?{urlencode({'at': joined(path)})}"
    here = f"{address}?{urlencode({'at': joined(at)})}" if at else address
    if do:
        kind = "row" if path and isinstance(path[-1], int) else "id"
        return f"{here}#{kind}_{joined(path).replace('.', '_')}" if path else here
    if "next" in request.POST:
        order = [one.code for one in PARTS]
        index = order.index(part)
        if at:
            return address
        return (
            reverse("rules_part", args=[draft.uuid, order[index + 1]])
            if index + 1 < len(order)
            else reverse("rules_check", args=[draft.uuid])
        )
    return here


def _both(request, draft, part, at, seen):
    """Somebody saved this part meanwhile: what was typed stays, beside what stands there now."""
    made = _page(request, draft, part, at)
    typed, lost = typed_in(request.POST, made), []
    gone = [name for name in request.POST if name not in made.inputs and name not in _BUTTONS]
    for name, value in typed.items():
        one = made.inputs[name]
        if same(one, value):
            continue
        if gone:
            # Rows have moved: what was typed might stand beside another row's words.
            lost.append({"label": one["node"]["label"], "value": "、".join(value)})
        else:
            one["node"]["theirs"] = one["node"]["text"]
            _overlay(one["node"], value)
    for name in gone:
        slot = slot_at(split(name))
        label = words.label(slot.name) if slot is not None else name
        lost += [{"label": label, "value": value} for value in request.POST.getlist(name) if value]
    conflict = {"who": draft.saved_by, "at": stamp(draft), "lost": lost}
    return _show(request, draft, part, at, seen, made=made, conflict=conflict, status=409)


def _overlay(node, value):
    node["text"] = "\n".join(value)
    node["value"] = value if isinstance(node["value"], list) else (value[0] if value else "")
    for option in node["options"]:
        option["chosen"] = option["value"] in value


# --- autosave ---------------------------------------------------------------------------------------------------------
@seats(*WRITERS)
@require_POST
def rules_save(request, uuid, part):
    """One value as it is typed (docs/ui-kit.md, autosave); `text` saves the whole text."""
    draft = draft_or_404(request, uuid)
    if part == "text":
        seen, name = Seen(), "text"
        change = request.POST.get("value", "").replace("\r\n", "\n")
    else:
        if part not in BY_CODE or reading.data_of(draft.text) is None:
            raise Http404
        at = element_of(draft, part, request.GET.get("at", ""))
        seen, name = Seen(at=at) if at else Seen(keys=BY_CODE[part].keys), request.POST.get("field", "")
        one = _page(request, draft, part, at).inputs.get(name)
        if one is None or one["node"]["fixed"]:
            return JsonResponse({"error": _("没有这一项。")}, status=400)
        values = request.POST.getlist("value")

        def change(writing):
            writing.set(one["path"], values)

    try:
        rev = save(draft, change, by=request.user, at=request.at, seen=seen, rev=request.POST.get("rev", ""))
    except NotEditable:
        return JsonResponse({"error": _("这份草案现在不能修改。")}, status=403)
    except (WrongPlace, Unreadable):
        return JsonResponse({"error": _("这一处请到“文本”页修改。")}, status=400)
    except Conflict as conflict:
        return HttpResponse(
            render_to_string("rules/_clash.html", {"who": conflict.draft.saved_by, "at": stamp(conflict.draft)}),
            status=409,
        )
    found = reading.findings(draft.text, own=draft.code)
    faults = faults_of(draft, found).get(located(reading.data_of(draft.text), name), []) if part != "text" else []
    return JsonResponse({"rev": rev, "at": stamp(draft), "error": faults[0] if faults else ""})
