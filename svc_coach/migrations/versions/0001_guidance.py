"""What was said, what the coach remembers of people, which events it has handled, and the outbox."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from mesh.outbox import create_outbox

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "guidance",
        sa.Column("guidance_id", sa.Uuid(as_uuid=False), primary_key=True),
        sa.Column("gym_id", sa.Text, nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("kind", sa.SmallInteger, nullable=False),
        sa.Column("exercise", sa.Text, nullable=False),
        sa.Column("fault", sa.Text, nullable=False),
        sa.Column("severity", sa.SmallInteger, nullable=False),
        sa.Column("personalised", sa.Boolean, nullable=False),
        sa.Column("said", sa.Boolean, nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cause_event_id", sa.Uuid(as_uuid=False), nullable=False, unique=True),
        sa.Column("cause_meta", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("char_length(text) BETWEEN 1 AND 120", name="guidance_text_length"),
    )
    op.create_index(
        "guidance_newest",
        "guidance",
        ["gym_id", "person_id", sa.text("create_time DESC"), sa.text("guidance_id DESC")],
    )
    op.create_index("guidance_unsaid", "guidance", ["create_time"], postgresql_where=sa.text("NOT said"))
    op.create_table(
        "person_state",
        sa.Column("gym_id", sa.Text, primary_key=True),
        sa.Column("person_id", sa.Uuid(as_uuid=False), primary_key=True),
        sa.Column("state", JSONB, nullable=False),
    )
    op.create_table(
        "handled_events",
        sa.Column("event_id", sa.Uuid(as_uuid=False), primary_key=True),
        sa.Column("handle_time", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now(), index=True),
    )
    create_outbox(op)
