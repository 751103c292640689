"""Single kinds of findings about contents: what is told, and what is proposed."""

import pytest
import yaml

from bot.balancing.inspection import inspect
from bot.balancing.inventory import Controller
from tests.balancing.loading import take_in
from tests.balancing.shop import (
    CANARY,
    HEADER,
    ROOT,
    SERVICES,
    WEIGHTS,
    a_rollout,
    an_ingress,
    found,
)
from tests.balancing.worlds import models


@pytest.mark.parametrize(
    ("field", "config", "meant"),
    [
        ("header", "httpHeaderConfig", "http-header"),
        ("hostheader", "hostHeaderConfig", "host-header"),
        ("path_pattern", "pathPatternConfig", "path-pattern"),
        ("sourceip", "sourceIpConfig", "source-ip"),
    ],
)
def test_the_field_that_is_meant_is_told_by_its_config(field, config, meant):
    text = f'[{{"field":"{field}","{config}":{{"httpHeaderName":"X","values":["a.b"]}}}}]'
    ingress = an_ingress("beta", **{"actions.beta": CANARY, "conditions.beta": text})

    (finding,) = (f for f in found(ingress, *SERVICES) if f.id == "ANN-02")

    assert f"; {meant} is meant" in finding.evidence
    assert finding.message.startswith("All requests that reach")
    assert f'"field": "{meant}"' in finding.patch


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("Weigth", "weight"),
        ("service_name", "serviceName"),
        ("service-port", "servicePort"),
        ("targetGroupArns", "targetGroupARN"),
        ("remark", ""),
        ("port", ""),
        ("name", ""),
    ],
)
def test_a_key_near_to_one_that_is_known_is_told_and_no_other(key, meant):
    text = WEIGHTS.replace('"weight":10', f'"weight":10,"{key}":"x"')
    ingress = an_ingress("shop-root", **{"actions.shop-root": text})

    findings = [f for f in found(ingress, *SERVICES) if f.id == "ANN-08"]

    assert [f"{meant} is meant" in finding.message for finding in findings] == [True] * bool(meant)


def test_weights_that_cannot_be_told_are_not_made_up():
    """Both weights are missing, and nobody knows which Service is the canary."""
    text = WEIGHTS.replace(',"weight":10', "").replace(',"weight":90', "")
    ingress = an_ingress("shop-root", **{"actions.shop-root": text})

    (alone,) = found(ingress, *SERVICES)
    (tied,) = found(ingress, *SERVICES, a_rollout())

    assert (alone.id, alone.patch) == ("ANN-03", "")
    assert '"shop-canary", "servicePort": 80, "weight": 0}' in tied.patch
    assert '"shop-stable", "servicePort": 80, "weight": 100}' in tied.patch


def test_for_the_v1_controller_only_what_its_model_refuses_is_told():
    """It takes a fixed response without a status, for one."""
    text = '{"type":"fixed-response","fixedResponseConfig":{}}'
    ingress = an_ingress("shop-root", **{"actions.shop-root": text})
    inventory = take_in(ingress, controller=Controller(legacy=True))
    report, (model,) = inspect(inventory), models(inventory)

    told = {finding.id for finding in report.findings if finding.id.startswith("ANN-")}

    assert told == {failure.id for failure in model.failures}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"type":"redirect","redirectConfig":{"statusCode":"302"}}', "HTTP_301 or HTTP_302"),
        ('{"type":"fixed-response","fixedResponseConfig":{"statusCode":"302"}}', "2xx, 4xx"),
        (
            '{"type":"fixed-response","fixedResponseConfig":{"statusCode":"200","contentType":"x"}}',
            "AWS takes text/plain",
        ),
    ],
)
def test_aws_refuses_redirects_and_answers_that_the_controller_takes(text, reason):
    ingress = an_ingress("beta", **{"actions.beta": text})

    (finding,) = found(ingress)

    assert finding.id == "ANN-13"
    assert reason in finding.evidence


def test_a_comma_too_many_is_taken_away_by_the_patch():
    text = WEIGHTS.replace('"weight":90}', '"weight":90,},')
    ingress = an_ingress("shop-root", **{"actions.shop-root": text})

    (finding,) = found(ingress, *SERVICES)

    assert finding.id == "ANN-01"
    annotation = yaml.safe_load(finding.patch)["metadata"]["annotations"][ROOT]
    assert annotation.replace(" ", "") == WEIGHTS


def test_a_host_is_narrowed_for_its_own_path_only():
    """The weights stand in the same entry, and keep its host."""
    text = '[{"field":"host-header","hostHeaderConfig":{"values":["beta.example.com"]}}]'
    annotations = {
        "actions.beta": CANARY,
        "conditions.beta": text,
        "actions.shop-root": WEIGHTS,
    }
    ingress = an_ingress("beta", "shop-root", hosts=("*.example.com",), **annotations)

    (finding,) = found(ingress, *SERVICES)

    rules = yaml.safe_load(finding.patch)["spec"]["rules"]
    assert [
        (rule["host"], [path["backend"]["service"]["name"] for path in rule["http"]["paths"]])
        for rule in rules
    ] == [("beta.example.com", ["beta"]), ("*.example.com", ["shop-root"])]


def test_of_many_paths_three_are_named():
    paths = tuple(f"/p{i}/*" for i in range(5))
    annotations = {"actions.beta": CANARY, "conditions.beta": HEADER.replace("http-header", "x")}

    (finding,) = found(an_ingress("beta", paths=paths, **annotations), *SERVICES)

    assert finding.message.startswith(
        "All requests that reach ImplementationSpecific /p0/* of shop.example.com and "
        "ImplementationSpecific /p1/* of shop.example.com and "
        "ImplementationSpecific /p2/* of shop.example.com and 2 more go to shop-canary: "
    )


@pytest.mark.parametrize(("written", "proposed"), [("", 3600), (',"durationSeconds":120', 120)])
def test_stickiness_is_switched_on_for_as_long_as_is_written(written, proposed):
    sticky = f',"targetGroupStickinessConfig":{{"enabled":false{written}}}'
    text = f"{WEIGHTS[:-2]}{sticky}}}}}"
    attributes = {"target-group-attributes": "stickiness.enabled=true"}
    ingress = an_ingress("shop-root", **{"actions.shop-root": text}, **attributes)

    (finding,) = found(ingress, *SERVICES)

    assert finding.id == "ANN-11"
    assert f'{{"enabled": true, "durationSeconds": {proposed}}}' in finding.patch
