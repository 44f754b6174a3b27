"""What form analysis measured of each repetition, and the rest before each set."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds the columns; what was stored before has nothing in them."""
    op.add_column("repetitions", sa.Column("form", JSONB, nullable=False, server_default=sa.text("'{}'")))
    op.add_column("sets", sa.Column("rest_before_s", sa.Double))
