"""
What the analysis of the demo measures: a number that somebody else decides.

A measurement waits for a while and then passes, unless a lever says something else before.
"""

import asyncio
from collections import defaultdict

from aiohttp import web

ROUTE = "/measure/{namespace}/{name}"
#: seconds until an analysis passes by itself: long enough to be seen, and to be interrupted
PATIENCE = 25.0


class Verdicts:
    """Answers the metric of the demo's AnalysisTemplate."""

    def __init__(self, *, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._waiting: dict[tuple[str, str], list[asyncio.Future[str]]] = defaultdict(list)

    def add_to(self, app: web.Application) -> None:
        """Be reachable there."""
        app.router.add_get(ROUTE, self._measure)

    def give(self, namespace: str, name: str, verdict: str) -> bool:
        """Let the measurement that waits end so: pass, fail or undecided; False: none waits."""
        waiting = self._waiting.pop((namespace, name), [])
        for future in waiting:
            if not future.done():
                future.set_result(verdict)
        return bool(waiting)

    async def _measure(self, request: web.Request) -> web.Response:
        key = (request.match_info["namespace"], request.match_info["name"])
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting[key].append(future)
        try:
            async with asyncio.timeout(self._patience):
                verdict = await future
        except TimeoutError:
            verdict = "pass"
        finally:
            if future in self._waiting.get(key, ()):
                self._waiting[key].remove(future)
        return web.json_response({"verdict": verdict})
