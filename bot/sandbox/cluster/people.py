"""Who has which token, and the roles that a cluster is born with."""

import secrets

from bot.sandbox.cluster import errors
from bot.sandbox.cluster.calls import ANONYMOUS, User
from bot.sandbox.cluster.kinds import CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, NAMESPACES
from bot.sandbox.cluster.managed import Writer
from bot.sandbox.cluster.objects import Manifest
from bot.sandbox.cluster.store import Store

_AUTHENTICATED = "system:authenticated"
_HOME = Writer(manager="kube-apiserver")
_SPACES = ("default", "kube-system", "kube-public", "kube-node-lease")
_RULES = {
    "cluster-admin": [
        {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]},
        {"verbs": ["*"], "nonResourceURLs": ["*"]},
    ],
    "system:basic-user": [
        {
            "verbs": ["create"],
            "apiGroups": ["authorization.k8s.io"],
            "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
        },
        {
            "verbs": ["create"],
            "apiGroups": ["authentication.k8s.io"],
            "resources": ["selfsubjectreviews"],
        },
    ],
    "system:discovery": [
        {
            "verbs": ["get"],
            "nonResourceURLs": ["/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*"],
        }
    ],
    "system:public-info-viewer": [
        {"verbs": ["get"], "nonResourceURLs": ["/healthz", "/livez", "/readyz", "/version"]}
    ],
}
_GROUPS = {
    "cluster-admin": ["system:masters"],
    "system:basic-user": [_AUTHENTICATED],
    "system:discovery": [_AUTHENTICATED],
    "system:public-info-viewer": [_AUTHENTICATED, "system:unauthenticated"],
}


class People:
    """The users of a cluster, by their tokens."""

    def __init__(self) -> None:
        self._users: dict[str, User] = {}
        self._tokens: dict[str, str] = {}

    def add(self, user: User, token: str = "") -> str:
        """Let somebody in; give the token."""
        token = token or secrets.token_hex(16)
        groups = tuple(dict.fromkeys((*user.groups, _AUTHENTICATED)))
        self._users[token] = User(name=user.name, groups=groups)
        self._tokens[user.name] = token
        return token

    def token(self, name: str) -> str:
        """What this user shows. Raises KeyError."""
        return self._tokens[name]

    def who(self, authorization: str) -> User:
        """Tell who shows this header. Raises Unauthorized."""
        if not authorization:
            return ANONYMOUS
        scheme, _, token = authorization.partition(" ")
        user = self._users.get(token.strip())
        if user is None or scheme.lower() != "bearer":
            raise errors.Unauthorized
        return user


def settle(store: Store) -> None:
    """Put into a new store what every cluster has: its namespaces, and roles for everybody."""
    for name in _SPACES:
        store.create(NAMESPACES, {"metadata": {"name": name}}, _HOME)
    for name, rules in _RULES.items():
        store.create(CLUSTER_ROLES, {"metadata": {"name": name}, "rules": rules}, _HOME)
        store.create(CLUSTER_ROLE_BINDINGS, _binding(name), _HOME)


def _binding(name: str) -> Manifest:
    api = "rbac.authorization.k8s.io"
    return {
        "metadata": {"name": name},
        "roleRef": {"apiGroup": api, "kind": "ClusterRole", "name": name},
        "subjects": [{"apiGroup": api, "kind": "Group", "name": group} for group in _GROUPS[name]],
    }
