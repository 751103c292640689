import aiohttp
import pytest

from bot.sandbox.cluster.calls import User
from tests.cluster.bed.api import Api, ApiError
from tests.cluster.bed.users import HOME_NAMESPACE, USERS, namespace_manifest, rbac_manifests
from tests.sandbox.cluster.manifests import rollout


@pytest.fixture
async def home(cluster, api):
    """The rights that the repository gives to the bot's accounts."""
    await api.apply(namespace_manifest(HOME_NAMESPACE))
    for manifest in rbac_manifests():
        await api.apply(manifest, HOME_NAMESPACE)


@pytest.fixture
def as_user(cluster):
    def make(key):
        user = USERS[key]
        return Api(cluster.url, None, cluster.people.add(User(name=user.name, groups=user.groups)))

    return make


async def test_nobody_knows_a_wrong_token(cluster):
    async with Api(cluster.url, None, "wrong") as stranger:
        with pytest.raises(ApiError, match="401: Unauthorized"):
            await stranger.list("rollouts")


async def test_without_a_token_somebody_is_anonymous(cluster):
    async with aiohttp.ClientSession(cluster.url) as session:
        pods = await (await session.get("/api/v1/pods")).json()
        version = await (await session.get("/version")).json()

    assert pods["message"] == (
        'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group ""'
        " at the cluster scope"
    )
    assert version["minor"] == "34"


async def test_a_missing_right_is_told_as_the_real_server_tells_it(as_user):
    async with as_user("ann") as ann:
        with pytest.raises(ApiError) as refused:
            await ann.list("rollouts", "shop")

    assert str(refused.value) == (
        '403: rollouts.argoproj.io is forbidden: User "ann" cannot list resource "rollouts" in API'
        ' group "argoproj.io" in the namespace "shop"'
    )


async def test_the_bots_account_may_what_its_role_says_and_no_more(api, as_user, home):
    await api.create(rollout(), "shop")

    async with as_user("rollout-bot") as bot:
        await bot.patch("rollouts/status", "web", "shop", {"status": {"abort": True}})
        with pytest.raises(ApiError, match=r'403: rollouts.argoproj.io "web" is forbidden'):
            await bot.delete("rollouts", "web", "shop")


async def test_a_right_may_be_bound_to_one_name(as_user, home):
    async with as_user("rollout-bot") as bot:
        lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease"}
        for name in ("rollout-bot", "other"):
            await bot.create(lease | {"metadata": {"name": name}}, HOME_NAMESPACE)
        await bot.get("leases", "rollout-bot", HOME_NAMESPACE)
        with pytest.raises(ApiError, match="403"):
            await bot.get("leases", "other", HOME_NAMESPACE)


@pytest.mark.parametrize(
    ("who", "verb", "subresource", "allowed"),
    [
        ("rollout-bot", "patch", "status", True),
        ("rollout-bot-reader", "list", "", True),
        ("rollout-bot-reader", "patch", "status", False),
        ("ann", "get", "", False),
    ],
)
async def test_everybody_may_ask_what_they_may(as_user, home, who, verb, subresource, allowed):
    wish = {"verb": verb, "group": "argoproj.io", "resource": "rollouts", "namespace": "shop"}
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": wish | {"subresource": subresource}},
    }

    async with as_user(who) as somebody:
        answer = await somebody.create(review)

    assert answer["status"]["allowed"] is allowed


async def test_everybody_may_ask_who_they_are(as_user):
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    async with as_user("ann") as ann:
        path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
        answer = await ann.request("POST", path, body=review)

    assert answer["status"]["userInfo"]["username"] == "ann"
    assert "people" in answer["status"]["userInfo"]["groups"]


async def test_every_answer_says_what_time_it_is_for_the_server(cluster):
    cluster.store.clock = lambda: 0.0
    async with aiohttp.ClientSession(cluster.url) as session:
        for path in ("/version", "/api/v1/pods", "/nowhere"):
            answer = await session.get(path)
            assert answer.headers["Date"] == "Thu, 01 Jan 1970 00:00:00 GMT"
