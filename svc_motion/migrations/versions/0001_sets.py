"""People who are followed, their sets and repetitions, and the outbox."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from mesh.outbox import create_outbox

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "people",
        sa.Column("person_id", sa.Uuid(as_uuid=False), primary_key=True),
        sa.Column("gym_id", sa.Text, nullable=False),
        sa.Column("first_seen_time", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "sets",
        sa.Column("set_id", sa.Uuid(as_uuid=False), primary_key=True),
        sa.Column("gym_id", sa.Text, nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("exercise", sa.Text, nullable=False),
        sa.Column("camera_ids", ARRAY(sa.Text), nullable=False),
        sa.Column("open", sa.Boolean, nullable=False),
        sa.Column("start_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("repetitions", sa.Integer, nullable=False),
        sa.Column("full_repetitions", sa.Integer, nullable=False),
        sa.Column("hold_s", sa.Double, nullable=False),
        sa.Column("score_sum", sa.Integer, nullable=False),
        sa.Column("score", sa.Double, nullable=False),
        sa.Column("fault_counts", JSONB, nullable=False),
        sa.UniqueConstraint("person_id", "number"),
    )
    op.create_index("sets_newest", "sets", ["gym_id", sa.text("start_time DESC"), sa.text("set_id DESC")])
    op.create_index("sets_of_person", "sets", ["person_id", "start_time"])
    op.create_index("sets_open", "sets", ["gym_id"], postgresql_where=sa.text("open"))
    op.create_table(
        "repetitions",
        sa.Column("set_id", sa.Uuid(as_uuid=False), sa.ForeignKey("sets.set_id", ondelete="CASCADE"), primary_key=True),
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
    )
    create_outbox(op)
