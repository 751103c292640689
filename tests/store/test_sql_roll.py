"""The roll of replicas, and the lock that keeps two processes off one SQLite file."""

import os
import subprocess
import sys
from contextlib import ExitStack

import pytest

from bot.store import Database, SqlRoll, Unusable, only_one


async def test_beats_are_kept_until_they_are_struck_off(database):
    roll = SqlRoll(database)
    await roll.answer("one", 1)
    await roll.answer("two", 1)
    await roll.answer("one", 2)
    assert await roll.beats() == {"one": 2, "two": 1}
    await roll.strike("two")
    assert await roll.beats() == {"one": 2}


async def test_a_server_may_be_shared_and_a_file_may_not(database, url):
    assert database.is_shared == url.startswith("postgres")


def test_a_second_process_on_one_file_is_refused_in_words(tmp_path):
    url = f"sqlite:///{tmp_path}/state/bot.sqlite3"
    hold = (
        "import sys\nfrom bot.store import only_one\n"
        f"with only_one({url!r}):\n    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(Unusable) as refused, only_one(url):
            pass
        assert refused.value.text == (
            f"Another bot uses {tmp_path}/state/bot.sqlite3 already (process {other.pid}): two "
            "would post everything twice. End it first; for several replicas set "
            "ROLLOUT_BOT_DATABASE_URL to a PostgreSQL database."
        )
        other.kill()
    with only_one(url):  # gone with the process, however that ended
        pass


def test_a_file_that_was_let_go_is_free(tmp_path):
    url = f"sqlite:///{tmp_path}/bot.sqlite3"
    for _ in range(2):
        with only_one(url):
            pass


def test_postgresql_is_for_any_number(tmp_path):
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(only_one("postgresql://bot@127.0.0.1/none"))


async def test_who_only_reads_the_ledger_is_not_kept_out(tmp_path):
    url = f"sqlite:///{tmp_path}/bot.sqlite3"
    with only_one(url):
        await (await Database.open(url)).close()


def test_a_folder_that_takes_nothing_is_no_reason_to_refuse(tmp_path, monkeypatch, caplog):
    """The bot starts, and waits for its database; a lock that is there counts also read-only."""
    url, real = f"sqlite:///{tmp_path}/bot.sqlite3", os.open

    def read_only(path, flags, mode=0o777):
        if flags & os.O_RDWR:
            raise PermissionError(13, "Permission denied")
        return real(path, flags, mode)

    monkeypatch.setattr(os, "open", read_only)
    with only_one(url):
        assert "bot.sqlite3.lock: No such file or directory" in caplog.text
    (tmp_path / "bot.sqlite3.lock").touch()
    with only_one(url), pytest.raises(Unusable, match="Another bot uses"), only_one(url):
        pass
