"""What is wired wrong is told, muted, and told when gone; header-only is refused meanwhile."""

import pytest

TOLD = "do not reach the canary: the header route x-canary-header is shadowed"


@pytest.fixture
def root(scene):
    """Write the type of the root path, as somebody with kubectl; `/` Prefix stands before `/*`."""

    async def write(path, kind):
        ingress = await scene.kube.get("ingresses", "tomozo", scene.namespace)
        rules = ingress["spec"]["rules"]
        paths = rules[0]["http"]["paths"]
        for one in paths:
            if one["backend"]["service"]["name"] == "tomozo-stable":
                one.update(path=path, pathType=kind)
        await scene.kube.patch("ingresses", "tomozo", scene.namespace, {"spec": {"rules": rules}})

    return write


def findings(scene):
    """The living messages of findings in the channel."""
    return [
        message
        for message in scene.slack.channel("C0RELEASES").messages
        if (message.metadata or {}).get("event_type") == "rollout_finding"
    ]


async def told(scene, count):
    await scene.slack.until(lambda: len(findings(scene)) >= count, f"{count} findings")
    return findings(scene)[-1]


async def is_refused_on_record(scene, card):
    """Header-only is refused, and the refusal is kept."""
    await scene.ann.presses(card, "rollout:header-only")
    form = await scene.slack.until(lambda: scene.ann.modal, "the form")
    await scene.slack.until(lambda: TOLD in scene.ann.modal.plain, "the refusal")
    assert "Not done: " in scene.ann.modal.plain
    await scene.ann.closes(form)
    await scene.tells("header-only by", "not done", TOLD)
    [entry] = await scene.entries("header-only")
    assert entry.outcome == "refused:hazard"


async def is_muted(scene, message):
    """The message says so, and its thread."""
    await scene.ann.presses(message, "rollout:mute")
    form = await scene.slack.until(lambda: scene.ann.modal, "the form")
    await scene.ann.submits(form, {"until": "8h", "reason": "migration on Monday"})
    await scene.hears(scene.ann, "Done:", "Muted until", "migration on Monday")
    await scene.slack.until(lambda: "Muted until" in findings(scene)[-1].plain, "it says so")
    thread = scene.slack.channel("C0RELEASES").thread
    await scene.slack.until(
        lambda: any("Until then I say nothing more" in m.plain for m in thread(message.ts)),
        "a line",
    )
    [entry] = await scene.entries("mute")
    assert (entry.outcome, entry.reason) == ("done", "migration on Monday")


async def test_a_shadowed_header_route_from_its_first_message_to_its_end(scene, paused, root):
    await scene.start()
    await scene.shows("Waiting for you", "10 %")

    # told, with a button; and on the card, with another
    await root("/", "Prefix")
    message = await told(scene, 1)
    assert TOLD in message.plain
    assert "(ORD-01, critical" in message.plain
    card = await scene.shows(f"⚠ Requests with X-Canary: true {TOLD}", "(ORD-01)")
    await scene.ann.presses(card, "rollout:drift")
    await scene.hears(scene.ann, "open finding", "Evidence: HTTPS 443:\n1:")
    await scene.ann.types(f"/rollout rules {scene.namespace}/tomozo", channel="C0RELEASES")
    await scene.hears(scene.ann, "the header path is never reached: rule 1", "*HTTPS 443*")

    await is_refused_on_record(scene, card)
    await is_muted(scene, message)

    # resolved
    await root("/*", "ImplementationSpecific")
    await scene.slack.until(lambda: "gone after" in scene.channel_says(), "that it is gone")
    await scene.slack.until(lambda: "Gone after" in findings(scene)[-1].plain, "its message too")
    await scene.slack.until(lambda: TOLD not in scene.card().plain, "the card is right again")
    assert len(findings(scene)) == 1
    said = scene.slack.channel("C0RELEASES").messages
    assert sum("gone after" in m.text and m not in findings(scene) for m in said) == 1
