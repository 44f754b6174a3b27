"""Frames that were passed over on purpose."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds their number to the cameras."""
    op.add_column("cameras", sa.Column("frames_idle", sa.BigInteger, nullable=False, server_default="0"))
