"""The page of licences tells of what is pinned."""

from email.message import Message
from importlib.metadata import distribution

import pytest

from tests.image import licences


def test_the_page_is_up_to_date():
    """`make requirements` writes it, with the requirements."""
    assert licences.PAGE.read_text() == licences.page()


@pytest.mark.parametrize("name", licences.pinned())
def test_each_package_brings_the_text_of_its_licence(name):
    names = [file.name.lower() for file in distribution(name).files]
    assert any(one.startswith(("license", "licence", "copying")) for one in names)


class Package:
    """A package that says this about itself."""

    def __init__(self, **fields):
        self.metadata = Message()
        self.metadata["Name"] = "some"
        for name, value in fields.items():
            self.metadata[name.replace("_", "-")] = value


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        pytest.param({"License_Expression": "MIT AND PSF-2.0", "License": "x"}, "MIT AND PSF-2.0"),
        pytest.param({"License": "Apache 2.0"}, "Apache-2.0"),
        pytest.param(
            {"License": "the whole\ntext", "Classifier": "License :: OSI Approved :: MIT License"},
            "MIT",
        ),
    ],
)
def test_a_licence_is_found_wherever_a_package_says_it(fields, said):
    assert licences.licence(Package(**fields)) == said


def test_a_package_that_says_nothing_is_an_error():
    with pytest.raises(ValueError, match="some does not say"):
        licences.licence(Package())


def test_a_licence_that_nobody_has_thought_about_is_an_error(monkeypatch):
    monkeypatch.setattr(licences, "PERMISSIVE", licences.PERMISSIVE - {"ISC"})
    with pytest.raises(ValueError, match="nobody has thought about ISC"):
        licences.page()
