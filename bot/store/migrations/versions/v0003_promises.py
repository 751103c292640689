"""Who pressed is owed an answer, also when the bot is killed meanwhile."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table of promises."""
    op.create_table(
        "promises",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("thread", sa.Text, nullable=False),
        sa.Column("verb", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
    )
