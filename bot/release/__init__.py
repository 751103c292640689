"""
What a release is, how it changes, and what may be done to it. Pure.

Nothing in this room waits, reads a clock, logs or talks to anybody: facts and
`now` come in as arguments, decisions go out as values. It must not know where
facts come from (`cluster`), how they are worded (`messages`) or in which order
things happen (`flows`).

    rollout.py      one Argo Rollout as a releaser sees it; its state in one word; Sighting
    parts.py        the parts of its manifest
    replicas.py     its ReplicaSets
    steps.py        canary steps: where we are, what comes next, which pause is a gate
    traffic.py      weights, pods, routes and selectors, each with its source; Look
    changes.py      what can happen
    detect.py       detect_changes(before, after); alarms(look)
    actions.py      what a person can do; Patch, Plan, Offer
    checks.py       what must hold before anything is planned
    guards.py       the operations of which guarded patches are made
    plans.py        plan(action, look, story): from an action to its exact patches
    header_only.py  the way into header-only testing
    way_out.py      the way out of it, and what is tidied up behind it
    offers.py       the buttons that are legal now
    effects.py      whether an action has had its effect yet, and what is still missing
    story.py        what the bot knows of a revision beyond the cluster's objects
    ownership.py    whether Argo CD would put an edit of the spec back
    access.py       who may do what: AccessPolicy.check -> Allowed
    routing.py      which channel hears about which rollout
    digest.py       a span of time, summed up
    ledger.py       Entry, Outcome
    mute.py         Mute: nobody wants to hear of a finding for a while
    errors.py       the Refusal tree
"""
