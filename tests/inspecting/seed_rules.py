"""The rules of the seed: as `rules` prints them, and as its data."""

SEED = """\
Group default/tomozo
  Ingress default/tomozo (tests/manifests/seed.yaml:6)

  HTTP 80
  #  host          path  conditions  action                     ingress
  1  tomozo.tokyo  /*                redirect 302 to HTTPS:443  default/tomozo
  -  any           any               answer 404                 what no rule takes
  left out: tomozo.tokyo /* → x-canary-header (default/tomozo): rule 1 redirects all its requests
  left out: tomozo.tokyo /* → tomozo-stable (default/tomozo): rule 1 redirects all its requests

  HTTPS 443
  #  host          path  conditions      action                    ingress
  1  tomozo.tokyo  /*    X-Canary: true  100 % tomozo-canary:8080  default/tomozo
     ^ header path of Rollout default/tomozo: always the canary
  2  tomozo.tokyo  /*                    0 % tomozo-canary:8080    default/tomozo
                                         100 % tomozo-stable:8080
     ^ weighted path of Rollout default/tomozo; no weights are written yet, Argo will write 0/100
       here
  -  any           any                   answer 404                what no rule takes
  left out: tomozo.tokyo /* → ssl-redirect (default/tomozo): it would lead back to itself
"""

HERE = [
    {"field": "host-header", "hostHeaderConfig": {"values": ["tomozo.tokyo"]}},
    {"field": "path-pattern", "pathPatternConfig": {"values": ["/*"]}},
]
HEADER = {
    "field": "http-header",
    "httpHeaderConfig": {"httpHeaderName": "X-Canary", "values": ["true"]},
}
REDIRECT = {
    "type": "redirect",
    "redirectConfig": {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_302"},
}
NOT_FOUND = {
    "type": "fixed-response",
    "fixedResponseConfig": {"statusCode": "404", "contentType": "text/plain"},
}


def forward(*targets):
    groups = [
        {"serviceName": name, "servicePort": 8080} | ({} if weight is None else {"weight": weight})
        for name, weight in targets
    ]
    return {"type": "forward", "forwardConfig": {"targetGroups": groups}}


def rule(priority, conditions, action):
    return {
        "priority": priority,
        "ingress": "default/tomozo",
        "conditions": conditions,
        "action": action,
    }


def left_out(conditions, reason):
    return {"ingress": "default/tomozo", "conditions": conditions, "reason": reason}


LISTENERS = [
    {
        "port": 80,
        "protocol": "HTTP",
        "rules": [rule(1, HERE, REDIRECT)],
        "default": NOT_FOUND,
        "omitted": [
            left_out([HEADER, *HERE], "redirected-before"),
            left_out(HERE, "redirected-before"),
        ],
    },
    {
        "port": 443,
        "protocol": "HTTPS",
        "rules": [
            rule(1, [HEADER, *HERE], forward(("tomozo-canary", None))),
            rule(2, HERE, forward(("tomozo-canary", 0), ("tomozo-stable", 100))),
        ],
        "default": NOT_FOUND,
        "omitted": [left_out(HERE, "leads-back")],
    },
]
