"""The shapes of the two commands' data as JSON Schema: what scripts may rely on."""

_NAMES = {"type": "array", "items": {"type": "string"}, "minItems": 1}
_PATTERNS = {"values": _NAMES, "regexValues": _NAMES}


def _closed(properties, *optional):
    """An object with these members and no other."""
    required = [name for name in properties if name not in optional]
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _condition(field, key, config):
    return _closed({"field": {"const": field}, key: config})


CONDITION = {
    "oneOf": [
        _condition("host-header", "hostHeaderConfig", _closed(_PATTERNS, *_PATTERNS)),
        _condition("path-pattern", "pathPatternConfig", _closed(_PATTERNS, *_PATTERNS)),
        _condition(
            "http-header",
            "httpHeaderConfig",
            _closed({"httpHeaderName": {"type": "string"}, **_PATTERNS}, *_PATTERNS),
        ),
        _condition("http-request-method", "httpRequestMethodConfig", _closed({"values": _NAMES})),
        _condition(
            "query-string",
            "queryStringConfig",
            _closed(
                {
                    "values": {
                        "type": "array",
                        "items": _closed(
                            {"key": {"type": "string"}, "value": {"type": "string"}}, "key"
                        ),
                    }
                }
            ),
        ),
        _condition("source-ip", "sourceIPConfig", _closed({"values": _NAMES})),
    ]
}
_TARGET = _closed(
    {
        "serviceName": {"type": "string"},
        "servicePort": {"type": ["integer", "string"]},
        "targetGroupARN": {"type": "string"},
        "targetGroupName": {"type": "string"},
        "weight": {"type": "integer"},
    },
    "serviceName",
    "servicePort",
    "targetGroupARN",
    "targetGroupName",
    "weight",
)
_STICKY = _closed(
    {"enabled": {"type": "boolean"}, "durationSeconds": {"type": "integer"}},
    "enabled",
    "durationSeconds",
)
_TEXT = {"type": "string"}
_REDIRECT = dict.fromkeys(("protocol", "host", "port", "path", "query", "statusCode"), _TEXT)
_FIXED = dict.fromkeys(("statusCode", "contentType", "messageBody"), _TEXT)
_FORWARD = {"targetGroups": {"type": "array", "items": _TARGET}}
ACTION = {
    "oneOf": [
        _closed(
            {
                "type": {"const": "forward"},
                "forwardConfig": _closed(
                    {**_FORWARD, "targetGroupStickinessConfig": _STICKY},
                    "targetGroupStickinessConfig",
                ),
            }
        ),
        _closed(
            {
                "type": {"const": "redirect"},
                "redirectConfig": _closed(_REDIRECT, *(k for k in _REDIRECT if k != "statusCode")),
            }
        ),
        _closed(
            {
                "type": {"const": "fixed-response"},
                "fixedResponseConfig": _closed(_FIXED, "contentType", "messageBody"),
            }
        ),
        {"type": "null"},
    ]
}
_CONDITIONS = {"type": "array", "items": CONDITION}
_GUARD = _closed(
    {"type": {"enum": ["authenticate-oidc", "authenticate-cognito", "jwt-validation"]}}
)
_REWRITES = _closed(
    {"rewrites": {"type": "array", "items": _closed({"regex": _TEXT, "replace": _TEXT})}}
)
_TRANSFORM = {
    "oneOf": [
        _closed({"type": {"const": kind}, config: _REWRITES})
        for kind, config in (
            ("host-header-rewrite", "hostHeaderRewriteConfig"),
            ("url-rewrite", "urlRewriteConfig"),
        )
    ]
}
_RULE = _closed(
    {
        "priority": {"type": "integer", "minimum": 1},
        "ingress": _TEXT,
        "conditions": _CONDITIONS,
        "authentication": {"type": "array", "minItems": 1, "items": _GUARD},
        "transforms": {"type": "array", "minItems": 1, "items": _TRANSFORM},
        "action": ACTION,
    },
    "authentication",
    "transforms",
)
_LEFT_OUT = _closed(
    {
        "ingress": _TEXT,
        "conditions": _CONDITIONS,
        "reason": {"enum": ["leads-back", "redirected-before"]},
    }
)
_LISTENER = _closed(
    {
        "port": {"type": "integer"},
        "protocol": {"enum": ["HTTP", "HTTPS"]},
        "rules": {"type": "array", "items": _RULE},
        "default": ACTION,
        "omitted": {"type": "array", "items": _LEFT_OUT},
    }
)
_GROUP = _closed(
    {
        "group": _TEXT,
        "error": {"type": ["string", "null"]},
        "listeners": {"type": "array", "items": _LISTENER},
    }
)
RULES = _closed({"groups": {"type": "array", "items": _GROUP}})

_OBJECT = _closed({"kind": _TEXT, "namespace": _TEXT, "name": _TEXT})
_OPTIONAL = {"type": ["string", "null"]}
_FINDING = _closed(
    {
        "id": {"type": "string", "pattern": "^(WIRE|ING|ANN|ORD)-[0-9]{2}$"},
        "severity": {"enum": ["critical", "high", "medium", "low", "info"]},
        "object": _OBJECT,
        "rollout": _OPTIONAL,
        "message": {"type": "string", "minLength": 1},
        "why": _TEXT,
        "evidence": _TEXT,
        "fix": _TEXT,
        "patch": _OPTIONAL,
        "origin": _OPTIONAL,
    }
)
_UNCHECKED = _closed(
    {"id": _OPTIONAL, "object": {"anyOf": [_OBJECT, {"type": "null"}]}, "reason": _TEXT}
)
LINT = _closed(
    {
        "findings": {"type": "array", "items": _FINDING},
        "unchecked": {"type": "array", "items": _UNCHECKED},
    }
)

_MESSAGE = _closed({"text": {"type": "string", "minLength": 1}})
_LEVEL = {"enum": ["none", "note", "warning", "error"]}
_SARIF_RULE = _closed(
    {
        "id": _TEXT,
        "shortDescription": _MESSAGE,
        "fullDescription": _MESSAGE,
        "help": _MESSAGE,
        "defaultConfiguration": _closed({"level": _LEVEL}),
        "properties": _closed(
            {"severity": _TEXT, "tags": {"type": "array", "items": _TEXT, "uniqueItems": True}}
        ),
    }
)
_SARIF_LOCATION = _closed(
    {
        "logicalLocations": {
            "type": "array",
            "uniqueItems": True,
            "items": _closed({"name": _TEXT, "fullyQualifiedName": _TEXT, "kind": _TEXT}),
        },
        "physicalLocation": _closed(
            {
                "artifactLocation": _closed({"uri": {"type": "string", "pattern": "^[!-~]+$"}}),
                "region": _closed({"startLine": {"type": "integer", "minimum": 1}}),
            }
        ),
    },
    "physicalLocation",
)
_SARIF_RESULT = _closed(
    {
        "ruleId": _TEXT,
        "ruleIndex": {"type": "integer", "minimum": -1},
        "level": _LEVEL,
        "message": _MESSAGE,
        "locations": {"type": "array", "items": _SARIF_LOCATION},
        "partialFingerprints": {"type": "object", "additionalProperties": _TEXT},
        "properties": _closed({"severity": _TEXT}),
    },
    "ruleIndex",
)
_SARIF_NOTIFICATION = _closed(
    {
        "level": _LEVEL,
        "message": _MESSAGE,
        "associatedRule": _closed({"id": _TEXT, "index": {"type": "integer", "minimum": -1}}),
    },
    "associatedRule",
)
#: what we use of SARIF 2.1.0, and nothing else: stricter than the schema of OASIS
SARIF = _closed(
    {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "minItems": 1,
            "maxItems": 1,
            "items": _closed(
                {
                    "tool": _closed(
                        {
                            "driver": _closed(
                                {
                                    "name": _TEXT,
                                    "semanticVersion": {
                                        "type": "string",
                                        "pattern": "^[0-9]+\\.[0-9]+\\.[0-9]+",
                                    },
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": _SARIF_RULE,
                                    },
                                }
                            )
                        }
                    ),
                    "invocations": {
                        "type": "array",
                        "items": _closed(
                            {
                                "executionSuccessful": {"type": "boolean"},
                                "toolExecutionNotifications": {
                                    "type": "array",
                                    "items": _SARIF_NOTIFICATION,
                                },
                            },
                            "toolExecutionNotifications",
                        ),
                    },
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "results": {"type": "array", "items": _SARIF_RESULT},
                }
            ),
        },
    }
)
