"""PostgreSQL, which several replicas share: the database, and the Lease by which one leads."""

import psycopg
import pytest

from bot.store import Database
from tests.doctor.clinic import Clinic
from tests.postgres import PASSWORD, Server, postgres

__all__ = ["postgres"]

pytestmark = pytest.mark.postgres


@pytest.fixture
def name(postgres: Server) -> str:
    """The name of an empty database."""
    return postgres.new_database().rpartition("/")[2]


@pytest.fixture
def url(postgres: Server, name: str, clinic: Clinic) -> str:
    """Its address, which the bot is told."""
    clinic.environ["ROLLOUT_BOT_DATABASE_URL"] = postgres.url(name)
    return postgres.url(name)


async def made(url: str) -> None:
    """Let the bot make its tables."""
    database = await Database.open(url)
    await database.close()


def tables(url: str) -> list[tuple[str, ...]]:
    """Name all tables."""
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return sorted(found.fetchall())


@pytest.mark.parametrize("is_made", [False, True], ids=["empty", "with-tables"])
async def test_all_is_ok_and_stays_as_it_is(clinic, url, is_made):
    if is_made:
        await made(url)
    before = tables(url)

    answer = await clinic.sees()

    said = answer.those("ok")["database"]["detail"]
    assert (answer.code, answer.missing) == (0, {})
    assert ("next start" in said) != is_made
    assert tables(url) == before
    assert PASSWORD not in answer.out
    assert {"get leases", "create leases", "update leases"} <= set(answer.those("ok"))


@pytest.mark.parametrize("verb", ["get", "create", "update"])
async def test_a_missing_right_to_the_lease_is_named(clinic, url, verb):
    clinic.take_right(verb, "leases")

    answer = await clinic.sees()

    (line,) = answer.missing.values()
    assert (answer.code, line["what"]) == (1, f"{verb} leases")
    assert "Role in rollout-bot " in line["mend"]
    assert ("resourceNames: [rollout-bot]" in line["mend"]) == (verb != "create")


async def test_a_wrong_password_is_named_and_not_told(clinic, url):
    clinic.environ["ROLLOUT_BOT_DATABASE_URL"] = url.replace(PASSWORD, "hunter2")

    answer = await clinic.sees()

    assert (answer.code, set(answer.missing)) == (1, {"database"})
    assert "Is the password in ROLLOUT_BOT_DATABASE_URL right?" in answer.out
    assert "hunter2" not in answer.out


@pytest.mark.parametrize("is_made", [False, True], ids=["empty", "with-tables"])
async def test_a_user_who_may_not_write_is_named(clinic, postgres, name, url, is_made):
    if is_made:
        await made(url)
    user = f"reader_{name}"
    postgres.execute(
        f"CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}'",
        f"GRANT USAGE ON SCHEMA public TO {user}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {user}",
        database=name,
    )
    clinic.environ["ROLLOUT_BOT_DATABASE_URL"] = postgres.url(name, user)

    answer = await clinic.sees()

    assert (answer.code, set(answer.missing)) == (1, {"database"})
    assert "permission denied" in answer.missing["database"]["detail"]
    assert "ROLLOUT_BOT_DATABASE_URL=" in answer.missing["database"]["mend"]


@pytest.mark.parametrize("is_made", [False, True], ids=["empty", "with-tables"])
async def test_a_server_that_only_reads_is_named(clinic, postgres, name, url, is_made):
    if is_made:
        await made(url)
    postgres.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")

    answer = await clinic.sees()

    assert (answer.code, set(answer.missing)) == (1, {"database"})
    assert "read-only" in answer.missing["database"]["detail"]


async def test_a_database_of_a_newer_program_is_named(clinic, postgres, name, url):
    await made(url)
    postgres.execute("UPDATE alembic_version SET version_num = '9999'", database=name)

    answer = await clinic.sees()

    assert (answer.code, set(answer.missing)) == (1, {"database"})
    assert "written by a newer rollout-bot" in answer.missing["database"]["detail"]
