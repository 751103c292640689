"""A healthy set-up, and how the doctor looks at it: as a user runs it."""

import asyncio
import io
import json
import os
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import yaml

import bot.__main__
from bot.sandbox.cluster import kinds, programs
from bot.sandbox.cluster.calls import User
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.managed import Writer
from bot.sandbox.cluster.server import LocalCluster
from bot.sandbox.slack import LocalSlack

ROOT = Path(__file__).parent.parent.parent
RELEASES, PRIVATE = "C0RELEASES", "C0PRIVATE"
ACCOUNT = "system:serviceaccount:rollout-bot:rollout-bot"
_ADMIN = Writer(manager="kubectl")


@dataclass(frozen=True)
class Answer:
    """What the doctor said."""

    code: int
    out: str
    err: str

    @property
    def checks(self) -> list[dict[str, str]]:
        """Its lines, of the output for machines."""
        found: list[dict[str, str]] = json.loads(self.out)["checks"]
        return found

    def those(self, verdict: str) -> dict[str, dict[str, str]]:
        """Its lines with this verdict, by what they are about."""
        return {line["what"]: line for line in self.checks if line["verdict"] == verdict}

    @property
    def missing(self) -> dict[str, dict[str, str]]:
        """The faults."""
        return self.those("missing")


class Practice:
    """
    A doctor, and a Slack in good health; the cluster is somebody else's.

    Attributes:
        config: the content of the configuration file.
        environ: the whole environment.
        slack_methods: methods of Slack that answer otherwise than usual.
        streams: standard output and error.

    """

    def __init__(self, slack: LocalSlack, folder: Path, kubeconfig: Path) -> None:
        self.slack, self.folder = slack, folder
        self.slack_methods: dict[str, Any] = {}
        self.streams: tuple[io.StringIO, io.StringIO] | None = None
        slack.add_person("U0ANN", "ann")
        slack.add_channel(RELEASES, "releases", members=["U0ANN"])
        slack.add_channel(PRIVATE, "oncall", members=["U0ANN"], is_private=True)
        slack.add_group("S0ONCALL", "oncall", ["U0ANN"])
        self.config: dict[str, Any] = {
            "kubernetes": {"lease": {"namespace": "rollout-bot"}},
            "channels": [{"channel": "#releases"}, {"channel": PRIVATE, "tell": ["failed"]}],
            "access": [{"allow": ["promote"], "users": ["U0ANN"], "groups": ["S0ONCALL"]}],
        }
        self.environ = {
            "HOME": str(folder),
            "KUBECONFIG": str(kubeconfig),
            "ROLLOUT_BOT_CONFIG": str(folder / "rollout-bot.yaml"),
            "ROLLOUT_BOT_STATE_DIR": str(folder / "state"),
            "SLACK_API_URL": slack.api_url,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_BOT_TOKEN": slack.bot_token,
        }

    async def sees(self, *arguments: str, output: str = "json") -> Answer:
        """Let the doctor look."""
        return await asyncio.to_thread(self._run, ["doctor", "--output", output, *arguments])

    def _run(self, arguments: list[str]) -> Answer:
        (self.folder / "rollout-bot.yaml").write_text(yaml.safe_dump(self.config))
        out, err = self.streams or (io.StringIO(), io.StringIO())
        with (
            mock.patch.dict(os.environ, self.environ, clear=True),
            mock.patch.object(bot.__main__, "set_up"),  # the log belongs to the tests
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            code = bot.__main__.main(arguments)
        return Answer(code, out.getvalue(), err.getvalue())


class Clinic(Practice):
    """
    Everything that the doctor looks at; broken at will.

    Attributes:
        kinds: those that `create` knows.

    """

    def __init__(self, slack: LocalSlack, cluster: LocalCluster, folder: Path) -> None:
        cluster.people.add(User(name=ACCOUNT))
        super().__init__(slack, folder, cluster.kubeconfig(ACCOUNT, folder / "kubeconfig"))
        self.cluster = cluster
        self.kinds: dict[str, Kind] = {kind.kind: kind for kind in kinds.BUILT_IN}
        self.create({"kind": "Namespace", "metadata": {"name": "rollout-bot"}})
        for manifest in yaml.safe_load_all((ROOT / "config" / "rbac.yaml").read_text()):
            self.create(manifest)
        self.create(ROLLOUT)
        self.create(CLASS)

    def create(self, manifest: dict[str, Any]) -> None:
        """Put an object into the cluster."""
        kind = self.kinds[manifest["kind"]]
        programs.create(self.cluster.store, kind, manifest, _ADMIN)

    def bind_in(self, namespace: str) -> None:
        """Let the account's role hold in this namespace only."""
        store = self.cluster.store
        bound = store.get(kinds.CLUSTER_ROLE_BINDINGS, "", "rollout-bot")
        store.remove(kinds.CLUSTER_ROLE_BINDINGS, "", "rollout-bot")
        metadata = {"name": "rollout-bot", "namespace": namespace}
        parts = {name: bound[name] for name in ("roleRef", "subjects")}
        self.create({"kind": "RoleBinding", "metadata": metadata, **parts})

    def take_right(self, verb: str, resource: str) -> None:
        """Take one verb on one resource out of the account's roles."""
        store = self.cluster.store

        def without(role: dict[str, Any]) -> dict[str, Any]:
            rules = [
                {**rule, "verbs": [one for one in rule["verbs"] if one != verb]}
                if resource in rule.get("resources", ())
                else rule
                for rule in role["rules"]
            ]
            return {**role, "rules": [rule for rule in rules if rule["verbs"]]}

        for kind, space in ((kinds.CLUSTER_ROLES, ""), (kinds.ROLES, "rollout-bot")):
            store.update(kind, space, "rollout-bot", without, _ADMIN)


ROLLOUT = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Rollout",
    "metadata": {"name": "api", "namespace": "shop", "labels": {"team": "shop"}},
    "spec": {
        "replicas": 1,
        "selector": {"matchLabels": {"app": "api"}},
        "template": {
            "metadata": {"labels": {"app": "api"}},
            "spec": {"containers": [{"name": "api", "image": "api:1"}]},
        },
        "strategy": {"canary": {"steps": [{"setWeight": 10}, {"pause": {}}]}},
    },
}
CLASS = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "IngressClass",
    "metadata": {"name": "alb"},
    "spec": {"controller": "ingress.k8s.aws/alb"},
}
