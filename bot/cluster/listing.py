"""A list, page by page: one answer with thousands of objects would stop the loop for seconds."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from bot.cluster.clients import Request
from bot.cluster.connect import Connection
from bot.cluster.decoding import Decoder, Garbled, Illegible, Page
from bot.cluster.kinds import Kind, T
from bot.release.errors import Unreachable

LIMIT = 250
#: a page of large objects from a busy server takes longer than a single object, seconds
PATIENCE = 30.0


async def pages(
    connection: Connection,
    kind: Kind[T],
    decoder: Decoder[T],
    namespace: str,
    query: Mapping[str, str],
    *,
    within: float = PATIENCE,
) -> AsyncGenerator[Page[T], None]:
    """
    Read all pages of one state of the collection.

    Args:
        connection: to the API server.
        kind, decoder: what to list.
        namespace: empty: all.
        query: selectors.
        within: seconds for each page.

    No `resourceVersion` is sent: the answer must be the truth, not some server's cache.

    Raises:
        Expired: a token was not good any more (410): what was read so far is worth nothing.
        Refusal: any other failure.

    """
    ask = kind.ask("list", namespace)
    token = ""
    while True:
        page = {"limit": str(LIMIT)} | ({"continue": token} if token else {})
        request = Request(method="GET", path=kind.path(namespace), ask=ask, query={**query, **page})
        body = await connection.request(request, within=within)
        try:
            read = decoder.page(body)
        except Garbled as error:
            raise Unreachable(f"The cluster's answer to {ask} makes no sense: {error}") from error
        yield read
        token = read.token
        if not token:
            return


async def everything(
    connection: Connection,
    kind: Kind[T],
    decoder: Decoder[T],
    namespace: str = "",
    query: Mapping[str, str] | None = None,
    *,
    within: float = PATIENCE,
) -> tuple[list[T], list[Illegible]]:
    """Read all pages and give what is wanted of the kind, and what cannot be read; see `pages`."""
    found: list[T] = []
    illegible: list[Illegible] = []
    listed = pages(connection, kind, decoder, namespace, query or {}, within=within)
    async with aclosing(listed) as all_pages:
        async for page in all_pages:
            found += (one for one in page.objects if kind.wanted(one))
            illegible += page.illegible
    return found, illegible
