"""
Our judge beside the official types of Block Kit; needs Node.js with npm, and the network once.

Run by `make test-blockkit` only.
"""

from pathlib import Path
from typing import Any

import pytest

from tests.blockkit import official as generated
from tests.blockkit.hardening import Official, by_type, harden

HERE = Path(__file__).parent
SURFACES = ("message", "modal", "home")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.blockkit)


@pytest.fixture(scope="session")
def official() -> Official:
    """The official schema with the limits of its comments."""
    try:
        return harden(generated.schema())
    except generated.NoNodeError as error:
        said = str(error)
    return pytest.fail(said, pytrace=False)


class Theirs:
    """What the official schema says of one message, modal or Home tab."""

    def __init__(self, official: Official) -> None:
        # not at the top: the fast tests are collected without it
        from jsonschema import Draft7Validator

        definitions = {name: by_type(official, node) for name, node in official.definitions.items()}
        self._of = {
            name: Draft7Validator(
                {
                    "definitions": definitions,
                    "$ref": f"#/definitions/Official/properties/{name}",
                }
            )
            for name in SURFACES
        }

    def says(self, surface: str, value: Any) -> list[str]:
        """What is wrong, each with its json-pointer; nothing: it is taken."""
        return [
            f"{error.message[-200:]} at /{'/'.join(map(str, error.absolute_path))}"
            for error in self._of[surface].iter_errors(value)
        ]

    def takes(self, surface: str, value: Any) -> bool:
        """Whether it is taken."""
        return bool(self._of[surface].is_valid(value))


@pytest.fixture(scope="session")
def theirs(official: Official) -> Theirs:
    """The official schema, asked about values."""
    return Theirs(official)
