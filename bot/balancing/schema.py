"""
What the AWS Load Balancer Controller reads in its JSON annotations: its Go structs.

A key that is not here it ignores. `optional` is a Go pointer: null makes it absent;
without, null changes nothing. Source: `pkg/ingress/config_types.go` of v3.5.0,
`pkg/ingress/model_build_listener.go` for the ports; `internal/ingress/annotations` of v1.1.9.
"""

from bot.balancing.structs import (
    boolean,
    int32,
    int64,
    list_of,
    mapping,
    optional,
    placed,
    port,
    string,
    struct,
)

_VALUES = {"values": list_of(string)}
_PATTERNS = _VALUES | {"regexValues": list_of(string)}
_HEADER = _PATTERNS | {"httpHeaderName": string}
_QUERY = {"values": list_of(struct({"key": optional(string), "value": string}))}

_V1_PAIR = {"key": optional(string), "value": optional(string)}
_V1_HEADER = _VALUES | {"httpHeaderName": optional(string)}

#: the same for the v1 controller
V1_CONDITIONS = list_of(
    struct(
        {
            "field": optional(string),
            "hostHeaderConfig": optional(struct(_VALUES)),
            "httpHeaderConfig": optional(struct(_V1_HEADER)),
            "httpRequestMethodConfig": optional(struct(_VALUES)),
            "pathPatternConfig": optional(struct(_VALUES)),
            "queryStringConfig": optional(struct({"values": list_of(struct(_V1_PAIR))})),
            "sourceIPConfig": optional(struct(_VALUES)),
        }
    )
)

#: `conditions.<name>`: a list of conditions
CONDITIONS = list_of(
    struct(
        {
            "field": string,
            "hostHeaderConfig": optional(struct(_PATTERNS)),
            "httpHeaderConfig": optional(struct(_HEADER)),
            "httpRequestMethodConfig": optional(struct(_VALUES)),
            "pathPatternConfig": optional(struct(_PATTERNS)),
            "queryStringConfig": optional(struct(_QUERY)),
            "sourceIPConfig": optional(struct(_VALUES)),
        }
    )
)

_TARGET_GROUP = {"targetGroupARN": optional(string), "targetGroupName": optional(string)}
_TARGET = _TARGET_GROUP | {
    "serviceName": optional(string),
    "servicePort": optional(port),
    "weight": optional(int32),
}
_STICKINESS = {"enabled": optional(boolean), "durationSeconds": optional(int32)}
_FORWARD = {
    "targetGroups": list_of(struct(_TARGET)),
    "targetGroupStickinessConfig": optional(struct(_STICKINESS)),
}
_PARTS = ("host", "path", "port", "protocol", "query")
_REDIRECT = {key: optional(string) for key in _PARTS} | {"statusCode": string}
_FIXED_RESPONSE = {
    "contentType": optional(string),
    "messageBody": optional(string),
    "statusCode": string,
}

#: `actions.<name>`
ACTION = struct(
    _TARGET_GROUP
    | {
        "type": string,
        "forwardConfig": optional(struct(_FORWARD)),
        "redirectConfig": optional(struct(_REDIRECT)),
        "fixedResponseConfig": optional(struct(_FIXED_RESPONSE)),
    }
)

_V1_TARGET = {
    "targetGroupArn": optional(string),
    "serviceName": optional(string),
    "servicePort": optional(string),
    "weight": optional(int64),
}
_V1_STICKINESS = {"enabled": optional(boolean), "durationSeconds": optional(int64)}
_V1_FORWARD = {
    "targetGroups": list_of(optional(struct(_V1_TARGET))),
    "targetGroupStickinessConfig": optional(struct(_V1_STICKINESS)),
}
_V1_REDIRECT = {key: optional(string) for key in (*_PARTS, "statusCode")}
_V1_FIXED_RESPONSE = {key: optional(string) for key in ("contentType", "messageBody", "statusCode")}

#: `actions.<name>` for the v1 controller
V1_ACTION = struct(
    {
        "type": optional(string),
        "targetGroupArn": optional(string),
        "forwardConfig": optional(struct(_V1_FORWARD)),
        "redirectConfig": optional(struct(_V1_REDIRECT)),
        "fixedResponseConfig": optional(struct(_V1_FIXED_RESPONSE)),
    }
)

_REWRITES = struct({"rewrites": list_of(struct({"regex": string, "replace": string}))})

#: `transforms.<name>`: a list of transforms
TRANSFORMS = list_of(
    struct(
        {
            "type": string,
            "hostHeaderRewriteConfig": optional(_REWRITES),
            "urlRewriteConfig": optional(_REWRITES),
        }
    )
)

_EXTRA = {"authenticationRequestExtraParams": mapping(string)}

#: `auth-idp-cognito`
COGNITO = struct(
    _EXTRA | dict.fromkeys(("userPoolARN", "userPoolClientID", "userPoolDomain"), string)
)

#: `auth-idp-oidc`
OIDC = struct(
    _EXTRA
    | dict.fromkeys(
        ("issuer", "authorizationEndpoint", "tokenEndpoint", "userInfoEndpoint", "secretName"),
        string,
    )
)

#: `jwt-validation`
JWT = struct(
    {
        "jwksEndpoint": string,
        "issuer": string,
        "additionalClaims": list_of(
            struct({"format": string, "name": string, "values": list_of(string)})
        ),
    }
)

#: `mutual-authentication`: a list of ports with what is asked there
MUTUAL = list_of(
    struct(
        {
            "port": int32,
            "mode": string,
            "trustStore": optional(string),
            "ignoreClientCertificateExpiry": optional(boolean),
            "advertiseTrustStoreCaNames": optional(string),
        }
    )
)

#: `listen-ports`: a list of maps from protocol to port
LISTEN_PORTS = list_of(mapping(placed(int32)))
