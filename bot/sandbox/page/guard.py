"""
Who is let in, and what a browser is told to hold back.

The page listens on loopback, which every website that the person has open can reach too. A name of
theirs that resolves to 127.0.0.1 (DNS rebinding) carries their Host, and a WebSocket their Origin.
"""

from aiohttp import web
from yarl import URL

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def is_local(host: str) -> bool:
    """Whether a Host header names this machine, with any port."""
    try:
        return URL(f"http://{host}").host in LOOPBACK
    except ValueError:
        return False


def check(request: web.Request) -> None:
    """
    Refuse what does not come from this machine's own page.

    Raises:
        HTTPForbidden: the Host is foreign, or the Origin is another than the Host.

    """
    if not is_local(request.host):
        raise web.HTTPForbidden(text="This sandbox only answers to 127.0.0.1 and localhost.\n")
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"http://{request.host}":
        raise web.HTTPForbidden(text="This sandbox does not talk to other pages.\n")


def headers(request: web.Request) -> dict[str, str]:
    """
    What goes with every file of the page.

    The WebSocket is named beside 'self': not every browser counts it as the same origin.
    """
    policy = (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        f"connect-src 'self' ws://{request.host}",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
    return {
        "Content-Security-Policy": "; ".join(policy),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cache-Control": "no-store",
    }
