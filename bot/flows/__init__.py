"""
From start to end, in the words of the release. No library names.

    ports.py      what a flow needs from outside, as small Protocols
    kept.py       what is kept of what was said, and to whom an answer is owed
    settings.py   what the configuration means to the flows
    asking.py     what somebody asks of the bot
    follow.py     rollouts change: tell people
    looks.py      one look at a time at each rollout, a few at once or many in order
    follower.py   one rollout, followed: what is told, held back, unsettled
    closing.py    how a release ended: on its card, and in the ledger
    operate.py    people ask: do it or refuse it, and keep record
    dialogs.py    the forms before an act; whether the header would reach the canary
    for_git.py    what would have to be in git for header-only, as YAML
    answer.py     people ask to read
    patrol.py     the clock strikes: what is wrong, digests
    survey.py     one look at everything that may be wrong
    watchlist.py  what the last look has found; what is muted
    herald.py     tells what is wrong: once, once more when gone, and reminds
    muting.py     people ask to hear no more of it for a while
    breath.py     long work lets others have their turn
    board.py      which message belongs to which slot: cards, and the threads under them
    leadership.py who leads: a span of time, and why no two do at once
    presence.py   which of the replicas that share a database are alive
    journal.py    the ledger, and who waits for what stands in it
    at_hand.py    its newest entries in memory, of the rollouts that were looked at last
    stories.py    from ledger entries to the story of a revision
    credit.py     who did it: our ledger, then the object's field managers
    settling.py   completes entries by what is seen in the cluster
    tidying.py    takes an inserted gate out again
    endings.py    how releases ended, kept in the ledger
    promises.py   what was acknowledged and not lived to do
    owners.py     which Argo CD Application owns a rollout
    targets.py    which rollout somebody means
    hindsight.py  why somebody was too late

What never lives here: Slack's or Kubernetes' ways, and the words of messages.
"""
