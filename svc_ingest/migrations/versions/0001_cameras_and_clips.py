"""Cameras, clips, and the outbox."""

import sqlalchemy as sa
from alembic import op

from mesh.outbox import create_outbox

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "cameras",
        sa.Column("gym_id", sa.Text, primary_key=True),
        sa.Column("camera_id", sa.Text, primary_key=True),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("uri", sa.Text, nullable=False),
        sa.Column("every", sa.Boolean, nullable=False),
        sa.Column("once", sa.Boolean, nullable=False),
        sa.Column("request_id", sa.Text),
        sa.Column("create_time_ns", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("state_detail", sa.Text, nullable=False),
        sa.Column("codec", sa.Text, nullable=False),
        sa.Column("width_px", sa.Integer, nullable=False),
        sa.Column("height_px", sa.Integer, nullable=False),
        sa.Column("frame_rate_hz", sa.Float, nullable=False),
        sa.Column("frames_read", sa.BigInteger, nullable=False),
        sa.Column("frames_analysed", sa.BigInteger, nullable=False),
        sa.Column("frames_dropped", sa.BigInteger, nullable=False),
        sa.Column("frames_corrupt", sa.BigInteger, nullable=False),
        sa.Column("first_frame_ns", sa.BigInteger),
        sa.Column("last_frame_ns", sa.BigInteger),
        sa.Column("origin_ns", sa.BigInteger),
        sa.Column("position_ns", sa.BigInteger, nullable=False),
        sa.Column("next_sequence", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("gym_id", "request_id", name="cameras_request"),
    )
    op.create_table(
        "clips",
        sa.Column("clip_id", sa.Uuid(as_uuid=False), primary_key=True),
        sa.Column("gym_id", sa.Text, nullable=False),
        sa.Column("camera_id", sa.Text, nullable=False),
        sa.Column("person_id", sa.Text, nullable=False),
        sa.Column("set_id", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("start_time_ns", sa.BigInteger, nullable=False),
        sa.Column("duration_ns", sa.BigInteger, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("object_key", sa.Text, nullable=False),
        sa.Column("create_time_ns", sa.BigInteger, nullable=False),
    )
    op.create_index("clips_newest", "clips", ["gym_id", sa.text("create_time_ns DESC"), sa.text("clip_id DESC")])
    op.create_index("clips_of_person", "clips", ["gym_id", "person_id", sa.text("create_time_ns DESC")])
    create_outbox(op)
