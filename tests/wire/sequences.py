"""
A seed makes a sequence: some dozen requests about a few objects of one or two kinds.

Not asked, with the reason:

* a JSON patch with a `test` that has no value, or that goes on below a null which it has put: the
  real server's library crashes at both
* Services without a name: the real server tries all its addresses for a minute
* Services with a fixed address, and those of type ExternalName or LoadBalancer: nobody who releases
  makes such
* `rules: []` of an Ingress: the sentence tells nothing from an empty list, here
* more than one port without a name: of a NodePort Service the real server says 500
* an update of `…/status` of Services: it creates what is not there, half
* `eventTime` of Events: then they are Events of another API, with rules of their own
* unknown fields of pods: the local server keeps what it has no name for
* null, and empty lists of metadata, in a manifest that is applied: whoever applies names what is
  wanted; the real server cleans up after the latter at the next write, and also after a manifest
  of a custom kind that drops all of its labels or annotations
* trials of new Services: which address they would get is chance
* names to begin with, moved from elsewhere: each kind looks at them in another way
* `deletionTimestamp` in something new, and in Events: the real server keeps it there
* a list in the place of a time, of a Rollout: the real server takes it
* null among binary data: the real server writes it twice
* what needs a scheduler or a node: pods stay Pending
"""

import json
import random
from collections.abc import Callable, Iterator

from tests.wire.built_in_words import EVENTS, SERVICES
from tests.wire.changes import (
    NAMES,
    PATCHES,
    apply,
    create,
    created,
    delete,
    named,
    patch,
    patch_json,
    patch_merge,
    post,
    update,
    write,
)
from tests.wire.kinds import ALL, WEIGHTS
from tests.wire.steps import Step, listed, token
from tests.wire.vocabulary import Vocabulary

_LENGTH = range(16, 30)
_LABELS = (
    "app=a",
    "app",
    "!app",
    "app!=a",
    "app in (a,b)",
    "app notin (a)",
    "app==b,tier",
    "tier=web",
    "app=,x",
    "app in (a",
    "app>1",
    "a b",
    "app=no good",
)
_END = "zz-end"


def sequence(seed: int) -> list[Step]:
    """Make the sequence of this seed."""
    rng = random.Random(seed)
    kinds = rng.choices(ALL, WEIGHTS, k=rng.choice((1, 1, 2)))
    steps: list[Step] = []
    for kind in kinds:
        steps += [created(kind, rng, name) for name in NAMES[: rng.randint(1, 3)]]
        steps.append(Step(method="GET", kind=kind.plural, path=kind.path()))
    for _ in range(rng.choice(_LENGTH)):
        steps += _some(rng.choice(kinds), rng)
    for kind in kinds:
        steps.append(Step(method="GET", kind=kind.plural, path=kind.path()))
    return steps + list(_watched(kinds[0], rng))


def _some(kind: Vocabulary, rng: random.Random) -> Iterator[Step]:
    make, _ = rng.choices(_ACTIONS, [weight for _, weight in _ACTIONS])[0]
    yield from make(kind, rng)


# --- reading ----------------------------------------------------------------------------------


def _get(kind: Vocabulary, rng: random.Random) -> Iterator[Step]:
    name = rng.choice((*NAMES, "nobody"))
    subresource = "status" if rng.random() < 0.2 else ""
    yield Step(method="GET", kind=kind.plural, path=kind.path(name, subresource))


def _list(kind: Vocabulary, rng: random.Random) -> Iterator[Step]:
    query: dict[str, str] = {}
    if rng.random() < 0.5:
        query["labelSelector"] = rng.choice(_LABELS)
    elif rng.random() < 0.5:
        query["fieldSelector"] = rng.choice(kind.selectors)
    if rng.random() < 0.1:
        query["limit"] = rng.choice(("0", "x", "-1", "500"))
    yield Step(method="GET", kind=kind.plural, path=kind.path(), query=query)


def _pages(kind: Vocabulary, rng: random.Random) -> Iterator[Step]:
    """Two pages, and sometimes a write between them that the second one must not show."""
    query = {"limit": str(rng.randint(1, 2))}
    if rng.random() < 0.3:
        query["labelSelector"] = rng.choice(_LABELS[:8])
    yield Step(method="GET", kind=kind.plural, path=kind.path(), query=query)
    if rng.random() < 0.5:
        yield from write(kind, rng)
    more = query | {"continue": token(kind.plural)}
    if rng.random() < 0.1:
        more["continue"] = rng.choice(("abc", "e30"))
    yield Step(method="GET", kind=kind.plural, path=kind.path(), query=more)


def _watched(kind: Vocabulary, rng: random.Random) -> Iterator[Step]:
    """What happened since the last list but one, up to an object that is made for it."""
    query = {"watch": "true", "resourceVersion": listed(kind.plural), "timeoutSeconds": "5"}
    if rng.random() < 0.4:
        query["labelSelector"] = rng.choice(("app=a", "app", "app in (a,b)"))
    elif rng.random() < 0.2:
        query["fieldSelector"] = "metadata.name!=one"
    end = kind.make(rng)
    end["metadata"]["labels"] = {"app": "a"}
    yield post(kind, named(kind, end, _END))
    yield Step(method="GET", kind=kind.plural, path=kind.path(), query=query, until=_END)


def _lost(kind: Vocabulary, rng: random.Random) -> Iterator[Step]:
    """Requests for what is not there, or not done there."""
    method, path = rng.choice(
        (
            ("POST", kind.path("one")),
            ("PUT", kind.path()),
            ("PATCH", kind.path()),
            ("GET", f"{kind.api}/namespaces/@namespace/nothings"),
            ("GET", f"{kind.api}/namespaces/@namespace/nothings/one"),
            ("DELETE", f"{kind.api}/namespaces/@namespace/nothings/one"),
            ("GET", kind.path("one", "nothing")),
            ("PATCH", kind.path("one", "nothing")),
            ("POST", f"{kind.api}/namespaces/nowhere-at-all/{kind.plural}"),
            ("GET", f"{kind.api}/namespaces/nowhere-at-all/{kind.plural}"),
            ("GET", f"{kind.api}/namespaces/nowhere-at-all/{kind.plural}/one"),
        )
    )
    content = PATCHES["merge"] if method == "PATCH" else "application/json"
    body = None if method in ("GET", "DELETE") else json.dumps(named(kind, kind.make(rng), "one"))
    yield Step(method=method, kind=kind.plural, path=path, content=content, body=body)


def _odd_bodies(kind: Vocabulary, rng: random.Random) -> Iterator[Step]:
    """Bodies that cannot be read, and kinds of bodies that are not taken."""
    if rng.random() < 0.5:
        content = rng.choice(("text/plain", "application/yaml", "application/json", "odd"))
        step = patch(kind, kind.path("one"), "{}", "merge")
        yield Step(method="PATCH", kind=step.kind, path=step.path, content=content, body="{}")
        return
    bodies = ("", "{", "[]", "3", '"x"', '{"metadata":3}')
    is_named_first = kind in (SERVICES, EVENTS)
    body = rng.choice(bodies if is_named_first else (*bodies, "null", "{}"))
    content = rng.choice(("application/json", "application/json", "text/plain"))
    yield Step(method="POST", kind=kind.plural, path=kind.path(), content=content, body=body)


_Action = Callable[[Vocabulary, random.Random], Iterator[Step]]
_ACTIONS: tuple[tuple[_Action, int], ...] = (
    (patch_json, 22),
    (patch_merge, 18),
    (apply, 10),
    (update, 10),
    (create, 10),
    (delete, 6),
    (_get, 5),
    (_list, 10),
    (_pages, 6),
    (_lost, 3),
    (_odd_bodies, 2),
)
