"""
The licences of everything that the image brings beside the bot: `python -m tests.image.licences`.

They are read from what is installed; a package says it in a field of SPDX's, in words, or by a
classifier. One that says it in none of these ways, or that we have not thought about, is an error.
"""

import re
from importlib.metadata import Distribution, distribution

from tests.image.dockerfile import ROOT

PAGE = ROOT / "docs" / "licences.md"

#: Licences that ask for nothing but that their text stays where it is.
PERMISSIVE = frozenset({"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "PSF-2.0"})
#: Licences that ask for more, and how that is kept.
ARGUED = {
    "LGPL-3.0-only": "used unchanged, by import: another version can be put in its place",
    "MPL-2.0": "used unchanged; its files are data",
}
#: What packages say in words of their own.
_WORDS = {"Apache 2.0": "Apache-2.0", "MIT License": "MIT"}

_HEAD = """\
# Licences

The bot itself is under [Apache-2.0](../LICENSE). The image brings these packages with it,
each with the text of its licence. `make requirements` writes this page, a test compares it with
`requirements.txt`.

| package | version | licence |
|---|---|---|
"""
_FOOT = """\

Most ask for nothing but that their text stays. These ask for more:

{argued}

Inside `psycopg-binary` are libpq (PostgreSQL licence) and what it needs: OpenSSL (Apache-2.0), MIT
Kerberos (MIT and others), OpenLDAP (OLDAP-2.8), Cyrus SASL (BSD), libxcrypt and libkeyutils (LGPL).
The base image brings Debian and Python (PSF-2.0) with their own.
"""


def pinned() -> dict[str, str]:
    """What requirements.txt names, with its version."""
    text = (ROOT / "requirements.txt").read_text()
    return dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", text, flags=re.MULTILINE))


def licence(package: Distribution) -> str:
    """Give the licence of a package as SPDX writes it. Raises ValueError: it does not say."""
    about = package.metadata
    classes = [one for one in about.get_all("Classifier") or [] if one.startswith("License ::")]
    for said in (about.get("License-Expression"), about.get("License"), *classes):
        if said and "\n" not in said:
            word = said.rpartition(" :: ")[2]
            return _WORDS.get(word, word)
    raise ValueError(f"{about['Name']} does not say what its licence is")


def page() -> str:
    """
    Write the page.

    Raises:
        ValueError: a licence that nobody has thought about, or another version is installed.

    """
    rows, used = [], set()
    for name, version in pinned().items():
        package = distribution(name)
        if package.version != version:
            raise ValueError(f"{name} {package.version} is installed, {version} is pinned")
        said = licence(package)
        used |= (parts := set(said.split(" AND ")))
        if strange := parts - PERMISSIVE - ARGUED.keys():
            raise ValueError(f"{name}: nobody has thought about {', '.join(strange)} yet")
        rows.append(f"| {name} | {version} | {said} |\n")
    argued = "\n".join(f"* {name}: {how}." for name, how in ARGUED.items() if name in used)
    return f"{_HEAD}{''.join(rows)}{_FOOT.format(argued=argued)}"


if __name__ == "__main__":
    PAGE.write_text(page())
