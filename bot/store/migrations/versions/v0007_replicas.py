"""Several replicas share a database: who is alive, and whose promise it was."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the roll, and give promises their owner."""
    op.create_table(
        "replicas",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("beat", sa.Integer, nullable=False),
    )
    op.add_column(
        "promises", sa.Column("owner", sa.Text, nullable=False, server_default=sa.text("''"))
    )
