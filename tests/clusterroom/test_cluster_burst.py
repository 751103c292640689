"""Many events at once: nobody waits, nothing is lost, nothing is told more often than needed."""

import asyncio

from tests.clusterroom.following import until
from tests.clusterroom.manifests import a_rollout, a_service


async def test_a_burst_does_not_keep_the_loop(server, follower, cluster):
    """Whoever clicks during a burst of events is answered between them."""
    await follower.until_listed()
    turns = 0

    async def someone_else():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(someone_else())
    await until(lambda: server.watching["rollouts"], "watching")
    for number in range(500):
        server.put("rollouts", a_rollout(f"r{number}"))
    await until(cluster.known, "the first arrived")
    before, had = turns, len(cluster.known())
    await until(lambda: len(cluster.known()) == 500, "all arrived")
    other.cancel()

    assert turns - before >= (500 - had) // 10


async def test_a_flapping_service_keeps_nobody_waiting(server, follower, cluster):
    """
    After an abort the canary Service changes 1,855 times in 30 s (argo-rollouts #3078).

    The follower takes its time over each item; what happens elsewhere is the next it hears of.
    """
    server.put("rollouts", a_rollout())
    server.put("rollouts", a_rollout("cart"))
    await follower.until_listed()
    await until(lambda: server.watching["services"], "watching")

    def selector():
        return [dict(service.selector) for service in cluster.seen("shop", "checkout").services]

    for number in range(1855):
        server.put("services", a_service("checkout-canary", hash=f"pods-{number}"))
    await until(lambda: selector() == [{"hash": "pods-1854"}], "all arrived")
    server.put("rollouts", a_rollout("cart", step=1))
    await until(lambda: cluster.seen("shop", "cart").rollout.step == 1, "arrived")

    flapped, other = await follower.take(2)
    assert flapped.services[0].selector == {"hash": "pods-1854"}
    assert (other.rollout.name, other.rollout.step) == ("cart", 1)


async def test_each_gets_its_turn_while_another_never_rests(server, follower, cluster):
    """A rollout that changes again before each look is not told twice in a row."""
    server.put("rollouts", a_rollout())
    server.put("rollouts", a_rollout("cart"))
    await follower.until_listed()
    await until(lambda: server.watching["rollouts"], "watching")

    told = []
    for step in range(1, 6):
        server.put("rollouts", a_rollout(step=step))
        server.put("rollouts", a_rollout("cart", step=step))
        await until(lambda now=step: cluster.seen("shop", "cart").rollout.step == now, "arrived")
        told.append((await follower.one()).rollout.name)

    assert told == ["checkout", "cart", "checkout", "cart", "checkout"]
