"""The record: repetitions in one partition a month, sums by day, corrections."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"

_MONTHS = "SELECT DISTINCT date_trunc('month', start_time AT TIME ZONE 'UTC') AS month FROM sets"
_MOVE_OPEN = """
INSERT INTO repetitions (set_id, set_start_time, number, camera_id, start_time, end_time, range_of_motion_deg, out_s,
                         pause_s, back_s, score, reasons, faults, partial, form)
SELECT r.set_id, s.start_time, r.number, r.camera_id, r.start_time, r.end_time, r.range_of_motion_deg, r.out_s,
       r.pause_s, r.back_s, r.score, r.reasons, r.faults, r.partial, r.form
FROM repetitions_before r JOIN sets s USING (set_id) WHERE s.open
"""
# Rewrites the table once, where an UPDATE of every row would take many times as long. What was stored before nobody
# knew a time zone: its days are those of UTC. A range_count of NULL marks what isn't in the record yet.
_DESCRIBE_SETS = """
ALTER TABLE sets
    ALTER COLUMN day TYPE date USING CASE WHEN NOT open THEN (start_time AT TIME ZONE 'UTC')::date END,
    ALTER COLUMN range_count TYPE integer USING CASE WHEN open THEN 0 END
"""


def upgrade() -> None:
    """Creates the tables. Of what is there, open sets move at once, for they are still counted; all others after the
    start, see svc_motion.record.backlog.
    """
    _partition_repetitions()
    for column in (
        sa.Column("day", sa.Date),
        sa.Column("range_sum_deg", sa.Double, nullable=False, server_default="0"),
        sa.Column("range_count", sa.Integer),
        sa.Column("superset_number", sa.Integer, nullable=False, server_default="0"),
        sa.Column("corrected_exercise", sa.Text),
        sa.Column("corrected_repetitions", sa.Integer),
        sa.Column("corrected_hold_s", sa.Double),
        sa.Column("correct_time", sa.DateTime(timezone=True)),
    ):
        op.add_column("sets", column)
    op.execute(_DESCRIBE_SETS)
    op.execute("ALTER TABLE sets ALTER COLUMN range_count SET DEFAULT 0")
    if op.get_bind().execute(sa.text("SELECT EXISTS (SELECT FROM sets WHERE NOT open)")).scalar():
        op.create_index("sets_to_move", "sets", ["start_time"], postgresql_where=sa.text("range_count IS NULL"))
    else:
        op.execute("DROP TABLE repetitions_before")
        op.alter_column("sets", "range_count", nullable=False)
    closed = sa.text("NOT open")
    op.create_index("sets_of_camera", "sets", ["camera_ids"], postgresql_using="gin")
    op.create_index("sets_of_day", "sets", ["person_id", "day"], postgresql_where=closed)
    op.create_index("sets_measured_as", "sets", ["gym_id", "day", "exercise"], postgresql_where=closed)
    op.create_index("sets_corrected", "sets", ["gym_id", "day"], postgresql_where=sa.text("correct_time IS NOT NULL"))
    _create_daily()
    _create_corrections()


def _partition_repetitions() -> None:
    op.execute("ALTER TABLE repetitions RENAME TO repetitions_before")
    op.execute("ALTER TABLE repetitions_before RENAME CONSTRAINT repetitions_pkey TO repetitions_before_pkey")
    op.create_table(
        "repetitions",
        sa.Column("set_id", sa.Uuid(as_uuid=False), primary_key=True),
        sa.Column("set_start_time", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
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
        sa.ForeignKeyConstraint(["set_id"], ["sets.set_id"], name="repetitions_of_set", ondelete="CASCADE"),
        postgresql_partition_by="RANGE (set_start_time)",
    )
    op.execute("CREATE TABLE repetitions_default PARTITION OF repetitions DEFAULT")
    for (month,) in op.get_bind().execute(sa.text(_MONTHS)).all():
        until = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
        op.execute(
            f"CREATE TABLE repetitions_{month:%Y_%m} PARTITION OF repetitions "
            f"FOR VALUES FROM ('{month:%Y-%m-%d} 00:00+00') TO ('{until:%Y-%m-%d} 00:00+00')"
        )
    op.execute(_MOVE_OPEN)


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
