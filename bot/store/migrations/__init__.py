"""
The history of the tables, run by `bot.store.migrate` at every start.

One file each in `versions/`, named and numbered by hand. They are never edited after a release,
work in one transaction on SQLite and PostgreSQL, and go upwards only: what a newer version wrote,
an older one cannot understand, and says so.
"""
