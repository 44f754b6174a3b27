"""Fills a database with years of training, as it was written before there was a record: to be migrated as any gym's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg

import svc_motion
from mesh import migrations

MIGRATIONS = Path(svc_motion.__file__).parent / "migrations"
BEFORE_THE_RECORD = "0003"
GYM_ID = "gym"
PEOPLE = 2000
REGULARS = 200
"""People who do three fifths of all that is done."""
REPETITIONS_A_SET = 20
SETS_A_VISIT = 5
DAYS = 3 * 365
LAST_DAY = "2026-03-31"

_PEOPLE = """
INSERT INTO people SELECT md5('person ' || p)::uuid, %(gym)s, now() FROM generate_series(1, %(people)s) AS p
"""
# Regulars come often: their sets lie closer. Exercises follow each other as in a plan of three days.
_SETS = """
INSERT INTO sets (set_id, gym_id, person_id, number, exercise, camera_ids, open, start_time, end_time, repetitions,
                  full_repetitions, hold_s, score_sum, score, fault_counts, rest_before_s)
SELECT md5('set ' || p || ' ' || n)::uuid, %(gym)s, md5('person ' || p)::uuid, n, exercise, ARRAY['cam-' || p %% 12],
       false, start_time, start_time + make_interval(secs => 3 * %(reps)s),
       CASE exercise WHEN 'plank' THEN 0 ELSE %(reps)s END,
       CASE exercise WHEN 'plank' THEN 0 ELSE %(reps)s - p %% 3 END,
       CASE exercise WHEN 'plank' THEN 30 + (n * 7) %% 60 ELSE 0 END, 80 * %(reps)s, 60 + (n * 13 + p) %% 40,
       CASE (n + p) %% 4 WHEN 0 THEN '{"shallow_squat": 3}'::jsonb ELSE '{}'::jsonb END, 90
FROM (
    SELECT p, n, (ARRAY['squat', 'bench_press', 'row', 'plank', 'deadlift', 'push_up', 'shoulder_press', 'lunge',
                        'bicep_curl', 'pull_up', 'sit_up', 'kettlebell_swing'])[1 + ((n - 1) / %(visit)s * 4 + n) %% 12]
               AS exercise,
           timestamptz '{last} 17:00+00' - make_interval(days => %(days)s - 1)
               + make_interval(days => ((n - 1) / %(visit)s * %(days)s / greatest(of_person / %(visit)s, 1)))
               + make_interval(mins => (n - 1) %% %(visit)s * 4 + p %% 90) AS start_time
    FROM (SELECT p, CASE WHEN p <= %(regulars)s THEN %(often)s ELSE %(seldom)s END AS of_person
          FROM generate_series(1, %(people)s) AS p) AS everybody, generate_series(1, of_person) AS n
) AS done
""".replace("{last}", LAST_DAY)
_REPETITIONS = """
INSERT INTO repetitions (set_id, number, camera_id, start_time, end_time, range_of_motion_deg, out_s, pause_s, back_s,
                         score, reasons, faults, partial, form)
SELECT set_id, r, camera_ids[1], start_time + make_interval(secs => 3 * r - 3),
       start_time + make_interval(secs => 3 * r), 80 + (number + r) %% 30, 1.1, 0.2, 1.2, score,
       CASE r %% 5 WHEN 0 THEN '["shallow_squat"]'::jsonb ELSE '[]'::jsonb END,
       CASE r %% 5 WHEN 0 THEN '[{"name": "shallow_squat", "severity": "moderate"}]'::jsonb ELSE '[]'::jsonb END,
       r %% 10 = 0, '{"symmetry_ratio": 0.93, "stability_ratio": 0.88}'::jsonb
FROM sets, generate_series(1, repetitions) AS r
WHERE start_time >= %(start)s AND start_time < %(end)s
"""


@dataclass(frozen=True)
class Filled:
    """What is there."""

    people: int
    sets: int
    repetitions: int


def fill(url: str, schema: str, repetitions: int, tell: Callable[[str], None]) -> None:
    """Makes a schema as svc_motion's was before the record, with about `repetitions` repetitions; drops what was there.

    Whoever starts svc_motion next, or calls `mesh.migrations.upgrade`, migrates it.
    """
    sets = repetitions // REPETITIONS_A_SET * 12 // 11  # Every twelfth is held and has none.
    people = max(20, min(PEOPLE, sets // 50))
    regulars = people * REGULARS // PEOPLE
    values: dict[str, object] = {
        "gym": GYM_ID,
        "people": people,
        "regulars": regulars,
        "often": sets * 3 // 5 // regulars,
        "seldom": sets * 2 // 5 // (people - regulars),
        "reps": REPETITIONS_A_SET,
        "visit": SETS_A_VISIT,
        "days": DAYS,
    }
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE'.encode())
        migrations.upgrade(url, schema, MIGRATIONS, BEFORE_THE_RECORD)
        connection.execute(f'SET search_path = "{schema}", public'.encode())
        # Nothing here must outlive a power cut, and what is written fits together.
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET session_replication_role = replica")
        connection.execute(_PEOPLE, values)
        connection.execute(_SETS, values)
        tell("sets are written")
        _write_repetitions(connection, tell)
        connection.execute("VACUUM ANALYZE")


def _write_repetitions(connection: psycopg.Connection, tell: Callable[[str], None]) -> None:
    months = connection.execute(
        "SELECT DISTINCT date_trunc('month', start_time) AS month FROM sets ORDER BY month"
    ).fetchall()
    starts = [row[0] for row in months]
    for start, end in zip(starts, [*starts[1:], "infinity"], strict=True):
        connection.execute(_REPETITIONS, {"start": start, "end": end})
        tell(f"repetitions of {start:%B %Y} are written")
