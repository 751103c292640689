"""Nothing listed: everybody may read, nobody may act."""

from dataclasses import FrozenInstanceError, replace

import pytest

from bot.release.access import AccessPolicy, Allowed, Permission, Rule, Standing
from bot.release.errors import NotAllowed
from bot.release.offers import ACTIONS
from tests.builders import ANN, BEN, a_rollout

HERE, ELSEWHERE = "C0RELEASES", "C0OTHER"
ANN_MAY = Rule(allow=frozenset({Permission.PROMOTE}), users=frozenset({"U0ANN"}))
ONCALL_MAY = Rule(allow=frozenset({Permission.ABORT}), groups=frozenset({"S0ONCALL"}))


def ask(*rules, actor=ANN, permission=Permission.PROMOTE, channel=HERE, reason="", **rollout):
    policy = AccessPolicy(rules)
    return policy.check(actor, permission, a_rollout(**rollout), channel=channel, reason=reason)


def refusal(*rules, **asked):
    with pytest.raises(NotAllowed) as refused:
        ask(*rules, **asked)
    return refused.value.text


def test_who_is_listed_may():
    assert ask(ANN_MAY) == Allowed(ANN, Permission.PROMOTE, "u1")


def test_nothing_listed_nobody_may():
    assert refusal() == (
        "You may not promote in tomozo. Nobody may: no rule under `access` in my configuration "
        "allows it."
    )


def test_who_may_is_told():
    assert refusal(ANN_MAY, actor=BEN) == "You may not promote in tomozo. <@U0ANN> may."
    both = replace(ANN_MAY, groups=frozenset({"S0ONCALL"}))
    assert "<!subteam^S0ONCALL> or <@U0ANN> may." in refusal(both, actor=BEN)


def test_one_permission_is_not_another():
    assert refusal(ANN_MAY, permission=Permission.ABORT)


def test_a_group_is_enough():
    oncall = replace(BEN, groups=frozenset({"S0ONCALL"}))
    assert ask(ONCALL_MAY, actor=oncall, permission=Permission.ABORT)
    assert refusal(ONCALL_MAY, actor=BEN, permission=Permission.ABORT)


def test_groups_that_cannot_be_read_do_not_count_and_that_is_said():
    unknown = replace(BEN, groups_unknown=True)
    said = refusal(ONCALL_MAY, actor=unknown, permission=Permission.ABORT)
    assert "who is in the user groups" in said
    assert "user groups" not in refusal(ANN_MAY, actor=unknown), "no group would have helped"
    assert ask(ANN_MAY, actor=replace(ANN, groups_unknown=True)), "the name is enough"


def test_a_rule_may_count_in_some_channels_only():
    rule = replace(ANN_MAY, channels=frozenset({HERE}))
    assert ask(rule)
    said = refusal(rule, channel=ELSEWHERE)
    assert said == "You may promote tomozo/tomozo in <#C0RELEASES>, not here."
    assert refusal(rule, channel=""), "the Home tab is no channel"


def test_a_channel_never_grants_by_itself():
    assert refusal(replace(ANN_MAY, channels=frozenset({HERE})), actor=BEN)


@pytest.mark.parametrize(
    ("globs", "may"), [((), True), (("tomozo",), True), (("tom*", "x"), True), (("shop",), False)]
)
def test_a_rule_may_be_about_some_namespaces(globs, may):
    rule = replace(ANN_MAY, namespaces=globs)
    assert ask(rule) if may else refusal(rule)


def test_namespaces_are_compared_with_their_case():
    assert refusal(replace(ANN_MAY, namespaces=("TOMOZO",)))


def test_a_reason_may_be_demanded():
    rule = replace(ANN_MAY, reason_required=True)
    assert "reason" in refusal(rule)
    assert ask(rule, reason="5xx")
    assert ask(rule, ANN_MAY), "another rule allows it without"


@pytest.mark.parametrize("standing", [s for s in Standing if s is not Standing.MEMBER])
def test_only_members_act_whatever_is_listed(standing):
    assert refusal(ANN_MAY, actor=replace(ANN, standing=standing))


def test_every_verb_asks_for_a_permission():
    on_rollouts = set(Permission) - {Permission.MUTE}  # that is for findings
    assert {action.permission for action in ACTIONS.values()} == on_rollouts


def test_the_proof_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        ask(ANN_MAY).permission = Permission.ABORT
