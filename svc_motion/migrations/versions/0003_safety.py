"""Alerts of falls and of people who don't get up from under a weight."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Creates the table. An alert is known by an id that follows from what happened, so it is raised once."""
    op.create_table(
        "alerts",
        sa.Column("alert_id", sa.Uuid(as_uuid=False), primary_key=True),
        sa.Column("gym_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("camera_id", sa.Text, nullable=False),
        sa.Column("set_id", sa.Uuid(as_uuid=False)),
        sa.Column("begin_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("capture_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place_x", sa.Double, nullable=False),
        sa.Column("place_y", sa.Double, nullable=False),
        sa.Column("raised_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_count", sa.Integer, nullable=False),
        sa.Column("told_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_time", sa.DateTime(timezone=True)),
        sa.Column("acknowledged_by", sa.Text),
        sa.Column("note", sa.Text, nullable=False, server_default=""),
    )
    op.create_index("alerts_newest", "alerts", ["gym_id", sa.text("capture_time DESC"), sa.text("alert_id DESC")])
    unacknowledged = sa.text("acknowledged_time IS NULL")
    op.create_index("alerts_open", "alerts", ["told_time"], postgresql_where=unacknowledged)
    op.create_index("alerts_of_person", "alerts", ["person_id", "begin_time"])
