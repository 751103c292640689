r"""
Strings in JSON, spelled as the API server keeps them.

A `test` of a JSON patch compares how a string is written, not what it says: `&` fails where
`\u0026` is kept, and `\u00e9` where `é` is. Source: evanphx/json-patch, Go's encoding/json.
"""

import json

import aiohttp

#: what Go never writes as it is, even within strings
_GO = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


async def spell_as_the_server(
    request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Spell the body of a request so; pass it on."""
    if request.body:
        value = json.loads(await request.body.as_bytes())
        text = json.dumps(value, ensure_ascii=False).translate(_GO)
        await request.update_body(text.encode(errors="replace"))
    return await send(request)
