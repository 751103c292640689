"""
The answer to each request, from the request alone: no sockets here.

    who is it? ─▶ may they? ─▶ is there such a thing? ─▶ read, list, write
"""

from dataclasses import dataclass, replace

from bot.sandbox.cluster import discovery, errors, listing, reviews, writing
from bot.sandbox.cluster.calls import Call
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.objects import Manifest, name_of
from bot.sandbox.cluster.rights import Rights
from bot.sandbox.cluster.store import Store
from bot.sandbox.cluster.texts import text_of

JSON = "application/json"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Status, body and its type."""

    body: bytes
    status: int = 200
    content_type: str = JSON


class Desk:
    """Answers requests, all but watches."""

    def __init__(self, store: Store, rights: Rights) -> None:
        self._store = store
        self._rights = rights

    def kind_of(self, call: Call) -> Kind:
        """The kind that a resource's path names. Raises NotFound, NotAllowed."""
        kind = self._store.kinds.get((call.group, call.plural))
        if kind is None or kind.version != call.version:
            known = any(
                (one.group, one.version, one.custom) == (call.group, call.version, False)
                for one in self._store.kinds.values()
            )
            raise errors.no_such_resource() if known else NoPage()
        _ensure_place(kind, call)
        return kind

    def answer(self, call: Call) -> Answer:
        """Answer a call that may be made. Raises Refused."""
        if not call.plural:
            return self._about_the_server(call)
        if (call.group, call.plural) in reviews.ALL:
            if call.verb != "create":
                raise errors.NotAllowed
            return _answer(reviews.review(self._rights, call), 201)
        kind = self.kind_of(call)
        return self._about(kind, in_place(kind, call))

    def _about(self, kind: Kind, call: Call) -> Answer:
        match call.verb:
            case "get":
                thing = self._store.get(kind, call.namespace, call.name)
                return Answer(body=self._store.shelf(kind).texts.of(thing))
            case "list":
                page = listing.page(self._store, kind, call)
                return Answer(body=listing.encoded(self._store, kind, page))
            case "create":
                return self._kept(kind, writing.create(self._store, kind, call), is_new=True)
            case "update" | "patch":
                write = writing.update if call.verb == "update" else writing.patch
                thing, is_new = write(self._store, kind, call)
                return self._kept(kind, thing, is_new=is_new)
            case "delete":
                thing, is_gone = writing.delete(self._store, kind, call)
                return _deleted(kind, thing, is_gone=is_gone)
            case "deletecollection":
                return self._delete_all(kind, call)
            case _:
                raise errors.NotAllowed

    def _about_the_server(self, call: Call) -> Answer:
        if call.path in discovery.HEALTHY:
            return Answer(body=b"ok", content_type="text/plain; charset=utf-8")
        found = discovery.answer(self._store, call.path)
        if found is None:
            raise NoPage
        return _answer(found)

    def _kept(self, kind: Kind, thing: Manifest, *, is_new: bool) -> Answer:
        is_kept = self._store.is_current(kind, thing)
        body = self._store.shelf(kind).texts.of(thing) if is_kept else text_of(thing)
        return Answer(body=body, status=201 if is_new else 200)

    def _delete_all(self, kind: Kind, call: Call) -> Answer:
        page = listing.page(self._store, kind, call)
        body = listing.encoded(self._store, kind, page)
        for thing in page.things:
            namespace, name = name_of(thing)
            writing.delete(self._store, kind, replace(call, namespace=namespace, name=name))
        return Answer(body=body)


def in_place(kind: Kind, call: Call) -> Call:
    """The same call; RBAC takes the name of a namespace for its namespace, nobody else does."""
    return call if kind.namespaced or not call.namespace else replace(call, namespace="")


class NoPage(errors.NotFound):
    """Nothing at all is served under that path."""

    def __init__(self) -> None:
        super().__init__("404 page not found")


def _answer(value: Manifest, status: int = 200) -> Answer:
    return Answer(body=text_of(value), status=status)


def _deleted(kind: Kind, thing: Manifest, *, is_gone: bool) -> Answer:
    if kind.returned or not is_gone:
        return _answer(thing)
    metadata = thing["metadata"]
    group = {"group": kind.group} if kind.group else {}
    details = {"name": metadata["name"], **group, "kind": kind.plural, "uid": metadata["uid"]}
    return _answer(
        {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Success",
            "details": details,
        }
    )


def _ensure_place(kind: Kind, call: Call) -> None:
    """Refuse what the kind does not do there. Raises NotFound, NotAllowed."""
    if call.subresource and not (call.subresource == "status" and kind.status):
        if kind.custom:
            raise errors.not_found(kind, call.name)
        raise errors.no_such_resource()
    if kind.namespaced and not call.namespace and (call.name or call.verb == "create"):
        raise errors.no_such_resource() if call.name else errors.NotAllowed()
    if not kind.namespaced and call.namespace and call.plural != "namespaces":
        raise errors.no_such_resource()
    named = {"get", "update", "patch", "delete"}
    if kind.custom and call.verb in named and not call.name:
        raise errors.BadRequest("name must be provided")
    if kind.custom and call.verb == "create":
        return  # whatever name stands in the path
    if (call.verb in named) != bool(call.name) or (call.subresource and call.verb == "delete"):
        raise errors.NotAllowed
