"""What the ledger costs: a chained row against a plain one, anchoring per row, verifying per row, and a proof."""

import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import uuid4

ROOT = Path(__file__).resolve().parent.parent
EACH = 10
CASES = int(os.environ.get("CASES", "4000"))
ACTS = 1000
AT = datetime(2026, 3, 10, 1, tzinfo=UTC)


def main():
    folder = tempfile.mkdtemp(prefix="pilotage-bench-")
    os.environ |= {"PILOTAGE_VAR": folder, "PILOTAGE_WAKE_WORKER": "0", "DJANGO_SETTINGS_MODULE": "config.settings"}
    os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/bench.sqlite3")
    subprocess.run([sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"], check=True)
    import django

    django.setup()
    from django.db import connection

    from workflows import anchoring, outside, proving, verifying
    from workflows.models import Anchor

    print(f"{connection.vendor}, {CASES} cases of {EACH} acts")
    chain_cost()
    rows, cases = written(CASES)
    spent, made = timed(lambda: anchoring.make_all(AT))
    print(f"append      {rows / spent:>9,.0f} rows/s   {rows} rows in {len(made)} anchors, {spent:.2f} s")
    small, _cases = written(10)
    spent, _made = timed(lambda: anchoring.make_all(AT + timedelta(days=2)))
    print(f"append      {spent * 1000:>9,.0f} ms       the next anchor, {small} new rows beside {rows} old ones")
    spent, _published = timed(outside.publish)
    print(f"publish     {spent * 1000:>9,.0f} ms       {Anchor.objects.count()} lines, signed and on disk")
    spent, faults = timed(lambda: list(verifying.everything()))
    print(f"verify      {(rows + small) / spent:>9,.0f} rows/s   all four walls, {len(faults)} faults, {spent:.2f} s")
    size = Anchor.objects.order_by("-number").first().size
    spent, proofs = timed(lambda: [proving.of_case(uuid, size) for uuid in cases[:100]])
    longest = max(len(one.path) for rows in proofs for one in rows)
    print(f"prove       {spent * 10:>9.1f} ms       per case of {EACH} rows, paths of {longest}")


def timed(work):
    """(seconds, result)."""
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


@cache
def ground():
    """A programme with rules, as much of them as a batch needs to exist."""
    from pilots.models import Programme, RulesVersion

    programme, _new = Programme.objects.get_or_create(
        code="bench", defaults={"name": "bench", "name_en": "bench", "shape": "designate_build"}
    )
    version, _new = RulesVersion.objects.get_or_create(
        programme=programme, version="1", defaults={"text": "", "published_at": AT}
    )
    return programme, version


def batch(case, version, head):
    from pilots.models import Batch

    programme, rules = ground()
    return Batch(uuid=case, version=version, head=head, programme=programme, rules_version=rules, title="bench",
                 number=f"b{case.hex[:20]}", opens_on=AT.date(), closes_at=AT)  # fmt: skip


def chain_cost():
    """One act's row and its case's row in a transaction of their own, with and without text, hash and head."""
    from django.db import transaction

    from pilots.models import Batch

    case = uuid4()
    batch(case, 0, "").save()
    rates = {"plain": [], "chained": []}
    seq, previous = 0, ""
    for _round in range(3):
        for kind, found in rates.items():
            began = time.perf_counter()
            for _n in range(ACTS):
                seq += 1
                with transaction.atomic():
                    if kind == "chained":
                        text, previous_now = facts(case, seq, previous)
                    else:
                        text, previous_now = "", ""
                    row(case, seq, previous, text, previous_now).save(force_insert=True)
                    Batch.objects.filter(uuid=case).update(version=seq, head=previous_now)
                previous = previous_now
            found.append(ACTS / (time.perf_counter() - began))
    plain, chained = (sorted(found)[1] for found in rates.values())
    print(
        f"a chain     {chained / plain:>9.2f}          of a plain row's rate ({chained:,.0f} against {plain:,.0f} acts/s, one writer)"
    )
    # Their chain is broken on purpose; the rest of the bench wants a sound ledger.
    cleared(case)


def cleared(case):
    from django.db import connection

    from pilots.models import Batch
    from workflows import append_only
    from workflows.models import LedgerEntry

    append_only.remove(connection, append_only.LEDGER)
    LedgerEntry.objects.filter(case_uuid=case).delete()
    append_only.install(connection, append_only.LEDGER)
    Batch.objects.filter(uuid=case).delete()


def facts(case, seq, previous):
    from workflows.ledger import canonical, digest

    text = canonical({
        "schema": 1, "case": str(case), "model": "pilots.batch", "seq": seq, "at": AT, "actor": None,
        "actor_name": "系统", "role": "system", "on_behalf": "", "act": "remind", "from": "draft", "to": "draft",
        "reason": "说明" * 20, "facts": {"n": seq},
    })  # fmt: skip
    return text, digest(previous, text)


def row(case, seq, previous, text, digest):
    from workflows.models import LedgerEntry

    return LedgerEntry(
        case_model="pilots.batch", case_uuid=case, seq=seq, at=AT, actor_name="系统", role="system", act="remind",
        from_state="draft", to_state="draft", reason="说明" * 20, text=text, previous=previous, hash=digest,
    )  # fmt: skip


def written(cases):
    """(rows, ids): chains of `EACH` acts on new batches, in the shape the door writes them."""
    from pilots.models import Batch
    from workflows.models import LedgerEntry

    rows, heads = [], []
    for _n in range(cases):
        case, previous = uuid4(), ""
        for seq in range(1, EACH + 1):
            text, found = facts(case, seq, previous)
            rows.append(row(case, seq, previous, text, found))
            previous = found
        heads.append((case, previous))
    LedgerEntry.objects.bulk_create(rows, batch_size=2000)
    Batch.objects.bulk_create([batch(case, EACH, head) for case, head in heads], batch_size=1000)
    return len(rows), [case for case, _head in heads]


if __name__ == "__main__":
    main()
