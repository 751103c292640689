"""What is to be told is kept until Slack has it, also when the bot is killed meanwhile."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table of parcels."""
    op.create_table(
        "parcels",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("slot", sa.Text, nullable=False),
        sa.Column("is_living", sa.Boolean, nullable=False),
        sa.Column("loud", sa.Boolean, nullable=False),
        sa.Column("lane", sa.Integer, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
    )
