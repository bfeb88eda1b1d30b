"""The policies of the second wall, in SQL of their own: they do not ask the code whose forgetting they make up for.

Who may see an application or a site is said here a second time, from the tables of grants alone; a test holds that both
say the same of every person and row (tests/postgres/test_row_wall.py).
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from accounts.roles import HOUSE, NARROW, REACH, Reach, Role
from pilots.models.application import EDITABLE, ApplicationState
from workflows.roles import quoted

POLICY = "second_wall"
# Who reads what was judged (programmes.md §4), and who looks after what leaves the house.
_JUDGED = (
    Role.PROGRAMME_OFFICER, Role.EXPERT_SECRETARY, Role.DIVISION_HEAD, Role.COUNTERSIGNER, Role.LEADER, Role.AUDITOR,
)  # fmt: skip
_OUTGOING = (Role.PROGRAMME_OFFICER, Role.AUDITOR, Role.DIVISION_HEAD)


def _words(values: Any) -> str:
    """A list for IN (…), of our own constants."""
    return ", ".join(f"'{value}'" for value in sorted(str(one) for one in values))


def _of(reach: Reach) -> str:
    return _words(role for role in Role if REACH[role] is reach and role not in NARROW)


def _functions(schema: str) -> Iterator[str]:
    at = f"SET search_path = {schema}, pg_temp"
    yield f"""CREATE OR REPLACE FUNCTION {schema}.wall_house() RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce(current_setting('pilotage.person', true), '') = 'house' $$;"""
    yield f"""CREATE OR REPLACE FUNCTION {schema}.wall_person() RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN current_setting('pilotage.person', true) ~ '^[0-9]+$'
              THEN current_setting('pilotage.person', true)::bigint END $$;"""
    yield f"""CREATE OR REPLACE FUNCTION {schema}.wall_at() RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT coalesce(nullif(current_setting('pilotage.at', true), '')::timestamptz, now()) $$;"""
    # Grants in force, as `Grant.in_force` reads them; a lent seat ends with the one it was taken from.
    yield f"""CREATE OR REPLACE FUNCTION {schema}.wall_seats()
RETURNS TABLE(role text, path text, organisation bigint, programme text) LANGUAGE sql STABLE {at} AS $$
  SELECT g.role, p.path, g.organisation_id, g.programme
    FROM accounts_grant g JOIN accounts_user u ON u.id = g.user_id LEFT JOIN accounts_place p ON p.id = g.place_id
    LEFT JOIN accounts_grant s ON s.id = g.source_id LEFT JOIN accounts_user l ON l.id = s.user_id
   WHERE g.user_id = wall_person() AND u.is_active
     AND g.valid_from <= wall_at() AND (g.valid_to IS NULL OR g.valid_to > wall_at())
     AND (g.source_id IS NULL OR (l.is_active AND s.valid_from <= wall_at()
                                  AND (s.valid_to IS NULL OR s.valid_to > wall_at()))) $$;"""
    # The programmes of the seats named; '*' where one of them is for all programmes.
    yield f"""CREATE OR REPLACE FUNCTION {schema}.wall_programmes(roles text[]) RETURNS text[] LANGUAGE sql STABLE {at} AS $$
  SELECT coalesce(array_agg(CASE programme WHEN '' THEN '*' ELSE programme END), '{{}}')
    FROM wall_seats() WHERE role = ANY(roles) $$;"""
    # Whether one of the roles is held for the programme of a batch.
    yield f"""CREATE OR REPLACE FUNCTION {schema}.wall_seated(batch bigint, roles text[]) RETURNS boolean LANGUAGE sql STABLE {at} AS $$
  SELECT EXISTS (
    SELECT 1 FROM wall_seats() s, pilots_batch b, pilots_programme g
     WHERE b.id = $1 AND g.id = b.programme_id AND s.programme IN ('', g.code) AND s.role = ANY($2)) $$;"""
    yield f"""CREATE OR REPLACE FUNCTION {schema}.wall_reaches(place bigint, organisation bigint, batch bigint)
RETURNS boolean LANGUAGE sql STABLE {at} AS $$
  SELECT EXISTS (
    SELECT 1 FROM wall_seats() s, accounts_place p, pilots_batch b, pilots_programme g
     WHERE p.id = $1 AND b.id = $3 AND g.id = b.programme_id AND s.programme IN ('', g.code)
       AND ((s.role IN ({_of(Reach.ORGANISATION)}) AND s.organisation = $2)
         OR (s.role IN ({_of(Reach.PLACE)}) AND starts_with(p.path, s.path))
         OR s.role IN ({_of(Reach.PROGRAMME)}))) $$;"""
    # Application.reach; whoever judges it is asked for by the caller, who may be reading judgements.
    yield f"""CREATE OR REPLACE FUNCTION {schema}.wall_application(application bigint) RETURNS boolean LANGUAGE sql STABLE {at} AS $$
  SELECT EXISTS (
    SELECT 1 FROM pilots_application a WHERE a.id = $1 AND (
      ((a.state <> '{ApplicationState.DRAFT}'
        OR a.organisation_id IN (SELECT organisation FROM wall_seats() WHERE organisation IS NOT NULL))
       AND (wall_reaches(a.place_id, a.organisation_id, a.batch_id)
         OR (a.state = '{ApplicationState.EXPERT_REVIEW}' AND wall_seated(a.batch_id, ARRAY[{_words(NARROW)}]))
         OR (wall_seated(a.batch_id, ARRAY[{_of(Reach.PERSONAL)}])
             AND EXISTS (SELECT 1 FROM approvals_review r
               WHERE r.application_id = a.id AND r.expert_id = wall_person() AND r.state <> 'recused'))))
      OR (a.state IN ({_words(EDITABLE)})
          AND EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = wall_person() AND u.is_active)
          AND NOT EXISTS (SELECT 1 FROM wall_seats() WHERE role IN ({_words(HOUSE)}))
          AND EXISTS (SELECT 1 FROM pilots_collaborator c
               WHERE c.application_id = a.id AND c.user_id = wall_person() AND c.removed_at IS NULL)))) $$;"""
    yield f"""CREATE OR REPLACE FUNCTION {schema}.wall_designation(designation bigint) RETURNS boolean LANGUAGE sql STABLE {at} AS $$
  SELECT EXISTS (
    SELECT 1 FROM pilots_designation d WHERE d.id = $1 AND (
      wall_reaches(d.place_id, d.organisation_id, d.batch_id)
      OR (wall_seated(d.batch_id, ARRAY[{_of(Reach.PERSONAL)}])
          AND EXISTS (SELECT 1 FROM approvals_evaluation e JOIN approvals_panelmember m ON m.evaluation_id = e.id
            WHERE e.designation_id = d.id AND m.user_id = wall_person() AND m.stood_aside_at IS NULL)))) $$;"""


def _judged(schema: str) -> str:
    """Rows of those programmes whose judgements the reader may read; asked once a statement, not once a row."""
    roles = f"ARRAY[{_words(_JUDGED)}]"
    held = f"((SELECT {schema}.wall_programmes({roles}))::text[])"
    return (
        f"'*' = ANY({held}) OR EXISTS (SELECT 1 FROM {schema}.pilots_application a "
        f"JOIN {schema}.pilots_batch b ON b.id = a.batch_id JOIN {schema}.pilots_programme g ON g.id = b.programme_id "
        f"WHERE a.id = application_id AND g.code = ANY({held}))"
    )


def walls(schema: str = "public") -> dict[str, str]:
    """Table → which of its rows the reader may see, add, change or take away."""
    at = quoted(schema)
    house = f"(SELECT {at}.wall_house())"
    person = f"(SELECT {at}.wall_person())"
    return {
        "pilots_revision": f"{house} OR {at}.wall_application(application_id)",
        "pilots_upload": f"{house} OR {at}.wall_application(application_id) OR {at}.wall_designation(designation_id)",
        "approvals_review": f"{house} OR expert_id = {person} OR {_judged(at)}",
        "notifications_message": f"{house} OR user_id = {person} "
        f"OR EXISTS (SELECT 1 FROM {at}.wall_seats() WHERE role IN ({_words(_OUTGOING)}))",
    }


def mark(condition: str) -> str:
    """What a policy's comment says, so that an installation knows whether its walls are this release's."""
    return sha256(f"{condition}\n{chr(10).join(_functions('x'))}".encode()).hexdigest()[:16]


def sql(schema: str = "public") -> Iterator[str]:
    """The statements that put the wall up, to be run by the owner of the tables, again after each migration."""
    yield from _functions(quoted(schema))
    for table, condition in walls(schema).items():
        name = f"{quoted(schema)}.{quoted(table)}"
        yield f"DROP POLICY IF EXISTS {POLICY} ON {name};"
        yield f"CREATE POLICY {POLICY} ON {name} USING ({condition}) WITH CHECK ({condition});"
        yield f"COMMENT ON POLICY {POLICY} ON {name} IS '{mark(condition)}';"
        yield f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;"
        # The owner too: small installations work as the owner of their tables.
        yield f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY;"


def sql_down(schema: str = "public") -> Iterator[str]:
    """The statements that take it down again."""
    for table in walls(schema):
        name = f"{quoted(schema)}.{quoted(table)}"
        yield f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY;"
        yield f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY;"
        yield f"DROP POLICY IF EXISTS {POLICY} ON {name};"
