"""
Which names, labels and annotations there may be, in the words of the real server.

Source: apimachinery `pkg/util/validation`, `pkg/api/validation/objectmeta.go`.
"""

import re

_QUALIFIED = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_LABEL_VALUE = r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?"
_DNS_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_DNS_LABEL}(\.{_DNS_LABEL})*"
_DNS_1035 = r"[a-z]([-a-z0-9]*[a-z0-9])?"
_WILDCARD = rf"\*\.{_SUBDOMAIN}"
_CONFIG_KEY = r"[-._a-zA-Z0-9]+"
_SHORT, _LONG, _LONGEST_PORT = 63, 253, 15

_WORDS_SUBDOMAIN = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.',"
    " and must start and end with an alphanumeric character (e.g. 'example.com', regex used for"
    rf" validation is '{_DNS_LABEL}(\.{_DNS_LABEL})*')"
)
_WORDS_LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must"
    " start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for"
    f" validation is '{_DNS_LABEL}')"
)
_WORDS_1035 = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an"
    " alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123',"
    f" regex used for validation is '{_DNS_1035}')"
)
_WORDS_QUALIFIED = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an"
    " alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for"
    f" validation is '{_QUALIFIED}')"
)
_WORDS_WILDCARD = (
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which"
    " must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric"
    rf" character (e.g. '*.example.com', regex used for validation is '{_WILDCARD}')"
)
_WORDS_CONFIG_KEY = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name', "
    f" or 'KEY_NAME',  or 'key-name', regex used for validation is '{_CONFIG_KEY}')"
)
_WORDS_VALUE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.',"
    " and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or"
    f" '12345', regex used for validation is '{_LABEL_VALUE}')"
)


def subdomain_faults(name: str) -> list[str]:
    """What is wrong with a name of most kinds."""
    return _faults(name, _SUBDOMAIN, _LONG, _WORDS_SUBDOMAIN)


def label_faults(name: str) -> list[str]:
    """What is wrong with a name of containers and ports."""
    return _faults(name, _DNS_LABEL, _SHORT, _WORDS_LABEL)


def namespace_faults(name: str) -> list[str]:
    """What is wrong with a name of a namespace."""
    faults = label_faults(name)
    return ["must not contain dots"] if faults and "." in name else faults


def wildcard_faults(host: str) -> list[str]:
    """What is wrong with a host name that begins with a star."""
    return [] if re.fullmatch(_WILDCARD, host) and len(host) <= _LONG else [_WORDS_WILDCARD]


def config_key_faults(key: str) -> list[str]:
    """What is wrong with a key of a ConfigMap."""
    if key in (".", "..") or key.startswith(".."):
        return [f"must not be '{key}'" if key in (".", "..") else "must not start with '..'"]
    return _faults(key, _CONFIG_KEY, _LONG, _WORDS_CONFIG_KEY)


def port_name_faults(name: str) -> list[str]:
    """What is wrong with the name of a port."""
    faults: list[str] = []
    if len(name) > _LONGEST_PORT:
        faults.append(f"must be no more than {_LONGEST_PORT} characters")
    if not re.fullmatch(r"[-a-z0-9]+", name):
        faults.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search(r"[a-z]", name):
        faults.append("must contain at least one letter (a-z)")
    if "--" in name:
        faults.append("must not contain consecutive hyphens")
    if name.startswith("-") or name.endswith("-"):
        faults.append("must not begin or end with a hyphen")
    return faults


def service_faults(name: str) -> list[str]:
    """What is wrong with a name of a Service."""
    return _faults(name, _DNS_1035, _SHORT, _WORDS_1035)


def segment_faults(name: str) -> list[str]:
    """What is wrong with a name of a role: anything that can stand in a path is right."""
    if name in (".", ".."):
        return [f"may not be '{name}'"]
    return [f"may not contain '{sign}'" for sign in ("/", "%") if sign in name]


def label_value_faults(value: str) -> list[str]:
    """What is wrong with the value of a label."""
    return _faults(value, _LABEL_VALUE, _SHORT, _WORDS_VALUE)


def label_key_faults(key: str) -> list[str]:
    """What is wrong with the key of a label or an annotation."""
    prefix, slash, name = key.rpartition("/")
    if "/" in prefix:
        words = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        return [f"a qualified name {_WORDS_QUALIFIED} {words}"]
    faults: list[str] = []
    if slash and not prefix:
        faults.append("prefix part must be non-empty")
    elif slash:
        faults += [f"prefix part {fault}" for fault in subdomain_faults(prefix)]
    if not name:
        faults.append("name part must be non-empty")
    if len(name) > _SHORT:
        faults.append(f"name part must be no more than {_SHORT} bytes")
    if not re.fullmatch(_QUALIFIED, name):
        faults.append(f"name part {_WORDS_QUALIFIED}")
    return faults


def finalizer_faults(name: str) -> list[str]:
    """What is wrong with a finalizer of a built-in kind."""
    if "/" in name or name in ("kubernetes", "orphan", "foregroundDeletion"):
        return []
    return ["name is neither a standard finalizer name nor is it fully qualified"]


def _faults(value: str, pattern: str, longest: int, words: str) -> list[str]:
    faults = [f"must be no more than {longest} characters"] if len(value) > longest else []
    return faults if re.fullmatch(pattern, value) else [*faults, words]
