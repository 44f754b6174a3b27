"""The record: repetitions in one partition a month, sums by day, corrections."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"

_MONTHS = """
SELECT DISTINCT date_trunc('month', s.start_time AT TIME ZONE 'UTC') AS month
FROM repetitions_before r JOIN sets s USING (set_id)
"""
_MOVE = """
INSERT INTO repetitions (set_id, set_start_time, number, camera_id, start_time, end_time, range_of_motion_deg, out_s,
                         pause_s, back_s, score, reasons, faults, partial, form)
SELECT r.set_id, s.start_time, r.number, r.camera_id, r.start_time, r.end_time, r.range_of_motion_deg, r.out_s,
       r.pause_s, r.back_s, r.score, r.reasons, r.faults, r.partial, r.form
FROM repetitions_before r JOIN sets s USING (set_id)
"""
# What was stored before nobody knew a time zone: its days are those of UTC.
_DESCRIBE_SETS = """
UPDATE sets s
SET day = (s.start_time AT TIME ZONE 'UTC')::date, range_sum_deg = measured.total, range_count = measured.count
FROM (
    SELECT s.set_id, coalesce(sum(r.range_of_motion_deg), 0) AS total, count(r.range_of_motion_deg) AS count
    FROM sets s LEFT JOIN repetitions r ON r.set_id = s.set_id AND r.set_start_time = s.start_time
    WHERE NOT s.open GROUP BY s.set_id
) AS measured
WHERE measured.set_id = s.set_id
"""
_SUM_UP = """
WITH faults AS (
    SELECT gym_id, person_id, day, exercise, jsonb_object_agg(name, count) AS counts FROM (
        SELECT s.gym_id, s.person_id, s.day, s.exercise, seen.key AS name, sum(seen.value::integer) AS count
        FROM sets s, jsonb_each_text(s.fault_counts) AS seen WHERE NOT s.open GROUP BY 1, 2, 3, 4, 5
    ) AS counted GROUP BY 1, 2, 3, 4
), summed AS (
    SELECT s.gym_id, s.person_id, s.day, s.exercise, min(s.start_time) AS start_time, max(s.end_time) AS end_time,
           count(*) AS sets, sum(s.repetitions) AS repetitions, sum(s.repetitions - s.full_repetitions) AS partial,
           sum(s.hold_s) AS hold_s, sum(s.score) AS score_sum, sum(s.range_sum_deg) AS range_sum_deg,
           sum(s.range_count) AS range_count, max(s.repetitions) AS best_repetitions,
           (array_agg(s.set_id ORDER BY s.repetitions DESC, s.start_time))[1] AS best_repetitions_set_id,
           max(s.hold_s) AS best_hold_s,
           (array_agg(s.set_id ORDER BY s.hold_s DESC, s.start_time))[1] AS best_hold_set_id,
           max(s.score) FILTER (WHERE s.repetitions >= 5) AS best_score,
           (array_agg(s.set_id ORDER BY s.score DESC, s.start_time) FILTER (WHERE s.repetitions >= 5))[1]
               AS best_score_set_id
    FROM sets s WHERE NOT s.open GROUP BY s.gym_id, s.person_id, s.day, s.exercise
)
INSERT INTO daily_exercises
SELECT gym_id, person_id, day, exercise, start_time, end_time, sets, repetitions, partial, hold_s, sets, score_sum,
       range_sum_deg, range_count, coalesce(counts, '{}'), best_repetitions, best_repetitions_set_id, best_hold_s,
       best_hold_set_id, best_score, best_score_set_id
FROM summed LEFT JOIN faults USING (gym_id, person_id, day, exercise)
"""


def upgrade() -> None:
    """Creates the tables and moves what is there into them."""
    _partition_repetitions()
    for column in (
        sa.Column("day", sa.Date),
        sa.Column("range_sum_deg", sa.Double, nullable=False, server_default="0"),
        sa.Column("range_count", sa.Integer, nullable=False, server_default="0"),
        sa.Column("superset_number", sa.Integer, nullable=False, server_default="0"),
        sa.Column("corrected_exercise", sa.Text),
        sa.Column("corrected_repetitions", sa.Integer),
        sa.Column("corrected_hold_s", sa.Double),
        sa.Column("correct_time", sa.DateTime(timezone=True)),
    ):
        op.add_column("sets", column)
    closed = sa.text("NOT open")
    op.create_index("sets_of_camera", "sets", ["camera_ids"], postgresql_using="gin")
    op.create_index("sets_of_day", "sets", ["person_id", "day"], postgresql_where=closed)
    op.create_index("sets_measured_as", "sets", ["gym_id", "day", "exercise"], postgresql_where=closed)
    op.create_index("sets_corrected", "sets", ["gym_id", "day"], postgresql_where=sa.text("correct_time IS NOT NULL"))
    _create_daily()
    _create_corrections()
    op.execute(_DESCRIBE_SETS)
    op.execute(_SUM_UP)


def _partition_repetitions() -> None:
    op.execute("ALTER TABLE repetitions RENAME TO repetitions_before")
    op.execute("ALTER TABLE repetitions_before RENAME CONSTRAINT repetitions_pkey TO repetitions_before_pkey")
    op.create_table(
        "repetitions",
        sa.Column("set_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("set_start_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("camera_id", sa.Text, nullable=False),
        sa.Column("start_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("range_of_motion_deg", sa.Double),
        sa.Column("out_s", sa.Double, nullable=False),
        sa.Column("pause_s", sa.Double, nullable=False),
        sa.Column("back_s", sa.Double, nullable=False),
        sa.Column("score", sa.Double, nullable=False),
        sa.Column("reasons", JSONB, nullable=False),
        sa.Column("faults", JSONB, nullable=False),
        sa.Column("partial", sa.Boolean, nullable=False),
        sa.Column("form", JSONB, nullable=False, server_default=sa.text("'{}'")),
        postgresql_partition_by="RANGE (set_start_time)",
    )
    op.execute("CREATE TABLE repetitions_default PARTITION OF repetitions DEFAULT")
    for (month,) in op.get_bind().execute(sa.text(_MONTHS)).all():
        until = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
        op.execute(
            f"CREATE TABLE repetitions_{month:%Y_%m} PARTITION OF repetitions "
            f"FOR VALUES FROM ('{month:%Y-%m-%d} 00:00+00') TO ('{until:%Y-%m-%d} 00:00+00')"
        )
    # Keys come after the rows: to check a million rows one by one takes far longer than to check them together.
    op.execute(_MOVE)
    op.execute("DROP TABLE repetitions_before")
    op.create_primary_key("repetitions_pkey", "repetitions", ["set_id", "set_start_time", "number"])
    op.create_foreign_key("repetitions_of_set", "repetitions", "sets", ["set_id"], ["set_id"], ondelete="CASCADE")


def _create_daily() -> None:
    op.create_table(
        "daily_exercises",
        sa.Column("gym_id", sa.Text, primary_key=True),
        sa.Column("person_id", sa.Uuid(as_uuid=False), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("exercise", sa.Text, primary_key=True),
        sa.Column("start_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sets", sa.Integer, nullable=False),
        sa.Column("repetitions", sa.Integer, nullable=False),
        sa.Column("partial_repetitions", sa.Integer, nullable=False),
        sa.Column("hold_s", sa.Double, nullable=False),
        sa.Column("judged_sets", sa.Integer, nullable=False),
        sa.Column("score_sum", sa.Double, nullable=False),
        sa.Column("range_sum_deg", sa.Double, nullable=False),
        sa.Column("range_count", sa.Integer, nullable=False),
        sa.Column("fault_counts", JSONB, nullable=False),
        sa.Column("best_repetitions", sa.Integer, nullable=False),
        sa.Column("best_repetitions_set_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("best_hold_s", sa.Double, nullable=False),
        sa.Column("best_hold_set_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("best_score", sa.Double),
        sa.Column("best_score_set_id", sa.Uuid(as_uuid=False)),
    )


def _create_corrections() -> None:
    op.create_table(
        "corrections",
        sa.Column("correction_id", sa.Uuid(as_uuid=False), primary_key=True),
        sa.Column("gym_id", sa.Text, nullable=False),
        sa.Column("set_id", sa.Uuid(as_uuid=False), sa.ForeignKey("sets.set_id", ondelete="CASCADE"), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("corrected_by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("measured_exercise", sa.Text, nullable=False),
        sa.Column("exercise", sa.Text, nullable=False),
        sa.Column("measured_repetitions", sa.Integer, nullable=False),
        sa.Column("repetitions", sa.Integer, nullable=False),
        sa.Column("measured_hold_s", sa.Double, nullable=False),
        sa.Column("hold_s", sa.Double, nullable=False),
    )
    newest = [sa.text("create_time DESC"), sa.text("correction_id DESC")]
    op.create_index("corrections_newest", "corrections", ["gym_id", *newest])
    op.create_index("corrections_of_person", "corrections", ["person_id", *newest])
    op.create_index("corrections_of_set", "corrections", ["set_id"])
