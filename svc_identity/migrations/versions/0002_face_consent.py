"""When a person agreed that their face is described; null while they have not, or no longer do."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds the column: nobody has agreed."""
    op.add_column("people", sa.Column("face_consent_time", sa.DateTime(timezone=True)))
