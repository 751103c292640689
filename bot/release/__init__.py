"""
What a release is, how it changes, and what may be done to it. Pure.

Nothing in this room waits, reads a clock, logs or talks to anybody: facts and
`now` come in as arguments, decisions go out as values. It must not know where
facts come from (`cluster`), how they are worded (`messages`) or in which order
things happen (`flows`).

    rollout.py   one Argo Rollout as a releaser sees it; its state in one word; Sighting
    steps.py     canary steps: where we are, what comes next, which pause is a gate
    traffic.py   weights, pods, routes and selectors, each with its source; Look
    changes.py   detect_changes(before, after)
    actions.py   what a person can do, and the exact guarded patch for it
    effects.py   whether an action has had its effect yet, and what is still missing
    access.py    who may do what: AccessPolicy.check -> Allowed
    routing.py   which channel hears about which rollout
    digest.py    a span of time, summed up
    ledger.py    Entry, Outcome
    errors.py    the Refusal tree
"""
