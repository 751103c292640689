"""`rollout-bot rules`: the rules in the balancer's order, for people and for scripts."""

import io
from pathlib import Path

import jsonschema
import pytest

from bot.balancing.inventory import Controller
from bot.inspecting import rules_text
from bot.inspecting.looking import look_at_files
from bot.paper import Paper
from tests.inspecting.conftest import MANIFESTS
from tests.inspecting.schemas import RULES
from tests.inspecting.seed_rules import HEADER, LISTENERS, REDIRECT, SEED

INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {name}
  annotations:
    kubernetes.io/ingress.class: alb
    {annotations}
spec:
  rules:
    - host: {host}
      http:
        paths:
          - path: "/{path}"
            pathType: {kind}
            backend: {{service: {{name: web, port: {{{port}}}}}}}
"""


def an_ingress(
    name="web",
    annotations="a: b",
    host="a.example",
    path="",
    port="name: use-annotation",
    kind="Prefix",
):
    return INGRESS.format(
        name=name, annotations=annotations, host=host, path=path, port=port, kind=kind
    )


def text(source, **paper):
    sight = look_at_files(
        ["-"], io.BytesIO(source.encode()), namespace="shop", controller=Controller()
    )
    return "\n".join(rules_text.as_text(sight, sight.models(), Paper(**paper)))


def test_the_seed_for_people(rollout_bot, seed):
    """Per listener the redirect, the header rule, the weighted rule; what is left out, and why."""
    ran = rollout_bot("rules", seed)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == SEED


def test_the_seed_for_scripts(rollout_bot, seed):
    ran = rollout_bot("rules", seed, "--output", "json")
    group = {"group": "default/tomozo", "error": None, "listeners": LISTENERS}
    assert (ran.code, ran.err, ran.data) == (0, "", {"groups": [group]})
    jsonschema.validate(ran.data, RULES)


def test_the_seed_as_the_article_wrote_it(rollout_bot, seed):
    """In the v1 controller's shape: the same redirect, header rule and weighted rule, in order."""
    ran = rollout_bot("rules", seed.replace("seed", "seed-v1beta1"), "--output", "json")
    jsonschema.validate(ran.data, RULES)
    (group,) = ran.data["groups"]
    plain, secure = group["listeners"]
    assert (ran.code, group["error"]) == (0, None)
    (redirect,) = (one["action"]["redirectConfig"] for one in plain["rules"])
    assert redirect.items() >= REDIRECT["redirectConfig"].items()
    header, weighted = (one["action"]["forwardConfig"]["targetGroups"] for one in secure["rules"])
    assert [one["serviceName"] for one in header] == ["tomozo-canary"]
    shares = [(one["serviceName"], one["weight"]) for one in weighted]
    assert shares == [("tomozo-canary", 0), ("tomozo-stable", 100)]
    assert HEADER in secure["rules"][0]["conditions"]
    assert HEADER not in secure["rules"][1]["conditions"]


def test_the_readme_shows_what_is_printed(rollout_bot, root):
    """Of a file that is there, so that people can try it."""
    manifest = "tests/manifests/ORD-01/shown-static-behind.yaml"
    readme = (root / "README.md").read_text(encoding="utf-8")
    rules, lint = (rollout_bot(command, manifest).out for command in ("rules", "lint"))
    assert f"$ rollout-bot rules {manifest}\n{rules}```" in readme
    told = readme.partition(f"$ rollout-bot lint {manifest}\n")[2].partition("```")[0]
    begin, _, end = told.partition("  …\n")
    assert lint.startswith(begin)
    assert lint.endswith(end)


def test_helm_pipes_it_in(rollout_bot, seed):
    ran = rollout_bot("rules", "-", stdin=an_ingress(port="number: 80"))
    assert ran.code == 0
    assert "Ingress default/web (stdin:1)" in ran.out
    assert "100 % web:80" in ran.out


def test_a_group_with_an_error_keeps_its_last_rules_and_says_so_first(rollout_bot):
    broken = an_ingress(annotations="alb.ingress.kubernetes.io/actions.web: '{'")
    ran = rollout_bot("rules", "-", stdin=broken)
    assert ran.code == 1
    told = ran.out.splitlines()
    assert told[3] == "  ✖ The ALB keeps its last rules, because:"
    assert "alb.ingress.kubernetes.io/actions.web" in told[4]
    data = rollout_bot("rules", "-", "--output", "json", stdin=broken)
    assert data.code == 1
    assert "actions.web" in data.data["groups"][0]["error"]
    jsonschema.validate(data.data, RULES)


def test_a_group_that_cannot_be_is_an_error(rollout_bot):
    named = an_ingress(annotations="alb.ingress.kubernetes.io/group.name: Shared_One")
    ran = rollout_bot("rules", "-", stdin=named)
    assert ran.code == 1
    assert "Ingress default/web is in no group" in ran.out
    assert "takes its rules away" in ran.out
    data = rollout_bot("rules", "-", "--output", "json", stdin=named).data
    assert "Shared_One" in data["groups"][0]["error"]
    jsonschema.validate(data, RULES)


def test_without_an_ingress_of_the_alb_it_says_so(rollout_bot):
    other = an_ingress().replace("ingress.class: alb", "ingress.class: nginx")
    ran = rollout_bot("rules", "-", stdin=other)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.startswith(
        "There is no Ingress of the ALB controller among 0 Rollouts, 1 Ingress"
    )


@pytest.mark.parametrize("other", [True, False], ids=["another-ingress", "no-ingress"])
def test_an_ingress_that_is_not_in_the_files_is_named(rollout_bot, seed, other):
    """Otherwise a script would take silence for "nothing routes this rollout"."""
    ingress, *rest = Path(seed).read_text(encoding="utf-8").split("---\n")
    kept = [ingress.replace("name: tomozo\n", "name: other\n", 1)] if other else []
    ran = rollout_bot("rules", "-", stdin="---\n".join([*kept, *rest]))
    assert ran.code == 0
    assert ran.out.endswith(
        "Rollout default/tomozo names Ingress default/tomozo, which is not in the files: its rules "
        "are not\nshown.\n"
    )
    assert ("Group default/other\n" in ran.out) == other


def test_header_routes_of_steps_stand_behind_the_table_with_the_place_they_will_have(rollout_bot):
    """`lint` speaks of them (ORD-01), so they are to be seen; they are none of today's rules."""
    file = MANIFESTS / "ORD-01" / "shown-root-prefix.yaml"
    told = rollout_bot("rules", file).out.splitlines()
    place = next(n for n, line in enumerate(told) if line.startswith("  +  "))
    assert told[place - 1].startswith("  -  ")
    assert told[place].split()[1:4] == ["shop.example.com", "/*", "X-Canary:"]
    assert told[place + 2 :] == [
        "     ^ never reached: rule 1 (Prefix / of shop.example.com) takes all its requests",
        "     ^ header route of Rollout shop/web: Argo will write it at a step, as rule 2",
    ]
    near = rollout_bot("rules", MANIFESTS / "ORD-01" / "near-root-literal.yaml").out
    assert near.endswith("Argo will write it at a step, as rule 1\n")
    assert "never reached" not in near


def test_a_header_route_that_is_there_is_no_future_one(rollout_bot):
    there = rollout_bot("rules", MANIFESTS / "WIRE-10" / "near-at-the-gate.yaml").out
    assert "X-Canary: true" in there
    assert "  +  " not in there


def test_a_rollout_behind_nginx_has_no_rules_but_ways(rollout_bot):
    ran = rollout_bot("rules", MANIFESTS / "nginx" / "seed.yaml")
    assert ran.code == 0
    assert " ".join(ran.out.split()) == (
        "Rollout default/tomozo: NGINX serves it, which has no ordered rules: the header goes "
        "before the weight. "
        "- tomozo.tokyo / Prefix, X-Canary: always → 100 % tomozo-canary (Argo will make the "
        "canary Ingress) "
        "- tomozo.tokyo / Prefix, X-Canary: never → 100 % tomozo-stable (Argo will make the "
        "canary Ingress) "
        "- tomozo.tokyo / Prefix, otherwise → 0 % tomozo-canary, 100 % tomozo-stable (Argo will "
        "make the canary Ingress)"
    )


@pytest.mark.parametrize("command", ["rules", "lint"])
def test_a_template_is_to_be_rendered_for_the_command_that_ran(rollout_bot, command):
    ran = rollout_bot(command, "-", stdin="apiVersion: v1\nkind: {{ .Values.kind }}\n")
    assert ran.code == 2
    assert f"helm template CHART | rollout-bot {command} -" in ran.err


@pytest.mark.parametrize("command", ["rules", "lint"])
def test_the_help_names_every_exit_code(rollout_bot, command):
    told = " ".join(rollout_bot(command, "--help").out.split())
    for code in ("Exit code 1:", "2: input", "3: the cluster refuses"):
        assert code in told


def test_flags_tell_how_the_controller_is_started(rollout_bot):
    other = an_ingress().replace("ingress.class: alb", "ingress.class: internal")
    missing = rollout_bot("rules", "-", "--ingress-class", "internal", stdin=other)
    assert 'answer 503 "Backend action does not exist"' in missing.out
    strict = rollout_bot(
        "rules",
        "-",
        "--ingress-class=internal",
        "--no-tolerate-non-existent-backend-action",
        stdin=other,
    )
    assert strict.code == 1


def test_what_is_never_reached_is_underlined_and_names_what_takes_its_requests():
    group = "alb.ingress.kubernetes.io/group.name: shared"
    both = "---\n".join(
        (
            an_ingress("a", group, port="number: 80"),
            an_ingress("b", group, path="api", kind="Exact", port="number: 81"),
        )
    )
    told = text(both).splitlines()
    place = next(n for n, line in enumerate(told) if "~~~" in line)
    assert "web:81" in told[place - 1]
    begin, end = told[place].index("~"), len(told[place])
    assert told[place - 1][begin:end].split() == ["a.example", "/api"]
    assert "never reached: rule 1" in told[place + 1]
    assert "takes all its requests" in told[place + 1]


def test_in_a_narrow_terminal_nothing_is_underlined():
    group = "alb.ingress.kubernetes.io/group.name: shared"
    both = "---\n".join(
        (
            an_ingress("a", group, port="number: 80"),
            an_ingress("b", group, path="api", kind="Exact", port="number: 81"),
        )
    )
    told = text(both, width=60).splitlines()
    place = next(n for n, line in enumerate(told) if "never reached: rule 1" in line)
    assert told[place - 1].strip() == "shop/b"


def test_a_header_path_that_is_never_reached_is_not_always_the_canary(rollout_bot):
    ran = rollout_bot("rules", MANIFESTS / "ORD-01" / "shown-static-behind.yaml")
    assert "     ^ header path of Rollout shop/web\n" in ran.out
    assert "always the canary" not in ran.out


def test_a_weight_that_cannot_be_read_is_no_share(rollout_bot, seed):
    """`canary 0 %` would be a lie: the balancer keeps the weights that it had."""
    prefix = "    alb.ingress.kubernetes.io"
    written = f"annotations:\n{prefix}/actions.tomozo-stable: '{{'\n"
    source = Path(seed).read_text(encoding="utf-8").replace("annotations:\n", written, 1)
    ran = rollout_bot("rules", "-", stdin=source)
    assert ran.code == 1
    assert "     ^ weighted path of Rollout default/tomozo\n" in ran.out


def test_an_annotation_that_argo_may_write_is_told_where_its_rollout_is_not(rollout_bot, seed):
    source = Path(seed).read_text(encoding="utf-8")
    ingress = source.partition("---\n")[0]
    mark = "^ no annotation here; Argo may write it: its Rollout is not in the files"
    assert rollout_bot("rules", "-", stdin=ingress).out.count(mark) == 1
    assert mark not in rollout_bot("rules", "-", stdin=source).out


def test_what_happens_before_a_rule_acts_stands_before_it(rollout_bot):
    """Logins are asked for on HTTPS only; rewrites are everywhere."""
    prefix = "alb.ingress.kubernetes.io"
    lines = (
        f'{prefix}/listen-ports: \'[{{"HTTP": 80}}, {{"HTTPS": 443}}]\'',
        f"{prefix}/certificate-arn: a",
        f"{prefix}/auth-type: cognito",
        (
            f"{prefix}/auth-idp-cognito: "
            '\'{"userPoolARN": "a", "userPoolClientID": "b", "userPoolDomain": "c"}\''
        ),
        (
            f"{prefix}/transforms.web: "
            '\'[{"type": "url-rewrite", "urlRewriteConfig": '
            '{"rewrites": [{"regex": "^/old", "replace": "/new"}]}}]\''
        ),
    )
    manifest = an_ingress(annotations="\n    ".join(lines), port="number: 80")
    ran = rollout_bot("rules", "-", stdin=manifest)
    plain, secure = ran.out.split("HTTPS 443")
    assert "login (cognito)" in secure
    assert "login" not in plain
    assert "rewrite path ^/old to /new" in plain
    data = rollout_bot("rules", "-", "--output", "json", stdin=manifest).data
    jsonschema.validate(data, RULES)
    plain, secure = data["groups"][0]["listeners"]
    assert secure["rules"][0]["authentication"] == [{"type": "authenticate-cognito"}]
    assert "authentication" not in plain["rules"][0]
    assert plain["rules"][0]["transforms"][0]["type"] == "url-rewrite"


@pytest.mark.parametrize("width", [100, 80, 72, 71, 40])
def test_it_fits_the_terminal(width, seed):
    long = an_ingress(
        host="a-very-long-host-name-that-nobody-likes.department.company.example",
        path="and/a/very/long/path/that/is/still/longer/than/the/host",
        port="number: 80",
    )
    told = text(long, width=width).splitlines()
    assert max(map(len, told)) <= width
    if width < 72:
        assert any(line.strip().startswith("→ 100 % web:80") for line in told)


def test_colours_are_only_used_where_they_may_be():
    assert "\x1b[" not in text(an_ingress())
    assert "\x1b[1mGroup shop/web\x1b[0m" in text(an_ingress(), colours=True)


def test_control_signs_of_others_do_not_reach_the_terminal():
    wild = an_ingress(
        annotations="alb.ingress.kubernetes.io/actions.web: "
        r'"{\"type\":\"fixed-response\",\"fixedResponseConfig\":{\"statusCode\":\"503\",'
        r'\"messageBody\":\"\\u001b[31mred\"}}"'
    )
    assert "\x1b" not in text(wild)
    assert "[31mred" in text(wild)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param((), "name files or folders, - for standard input, or --cluster", id="nothing"),
        pytest.param(("a.yaml", "--cluster"), "either files or --cluster, not both", id="both"),
        pytest.param(
            ("a.yaml", "--config", "rollout-bot.yaml"), "files need none", id="configuration"
        ),
        pytest.param(("none.yaml",), "none.yaml: there is no such file", id="no-file"),
    ],
)
@pytest.mark.parametrize("command", ["rules", "lint"])
def test_what_cannot_be_looked_at_is_exit_code_2(rollout_bot, command, arguments, says):
    ran = rollout_bot(command, *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err
