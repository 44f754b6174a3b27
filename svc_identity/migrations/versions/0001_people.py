"""People, the tracks that show them, claim codes, and the outbox."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from mesh.outbox import create_outbox

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "people",
        sa.Column("person_id", sa.Uuid(as_uuid=False), primary_key=True),
        sa.Column("gym_id", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("first_seen_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("camera_ids", ARRAY(sa.Text), nullable=False),
        sa.Column("camera_id", sa.Text, nullable=False),
        sa.Column("box", ARRAY(sa.Double), nullable=False),
        sa.Column("appearance", sa.LargeBinary),
        sa.Column("save_time", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("leave_time", sa.DateTime(timezone=True)),
        sa.Column("claimed", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("member_id", sa.Text, nullable=False, server_default=""),
    )
    op.create_index("people_last_seen", "people", ["gym_id", sa.text("last_seen_time DESC"), sa.text("person_id DESC")])
    op.create_index("people_present", "people", ["gym_id"], postgresql_where=sa.text("leave_time IS NULL"))
    op.create_table(
        "tracks",
        sa.Column("gym_id", sa.Text, primary_key=True),
        sa.Column("camera_id", sa.Text, primary_key=True),
        sa.Column("epoch", sa.Text, primary_key=True),
        sa.Column("track_id", sa.BigInteger, primary_key=True),
        sa.Column("person_id", sa.Uuid(as_uuid=False), sa.ForeignKey("people.person_id", ondelete="CASCADE")),
    )
    op.create_index("tracks_person", "tracks", ["person_id"])
    op.create_table(
        "label_counters",
        sa.Column("gym_id", sa.Text, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("last_number", sa.Integer, nullable=False),
    )
    op.create_table(
        "claim_codes",
        sa.Column("code_hash", sa.LargeBinary, primary_key=True),
        sa.Column("gym_id", sa.Text, nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), sa.ForeignKey("people.person_id", ondelete="CASCADE")),
        sa.Column("expire_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("device_id", sa.Uuid(as_uuid=False)),
    )
    create_outbox(op)
