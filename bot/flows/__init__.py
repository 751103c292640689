"""
From start to end, in the words of the release. No library names.

    ports.py    what a flow needs from outside, as small Protocols
    follow.py   rollouts change: tell people
    operate.py  people ask: do it or refuse it, and keep record
    answer.py   people ask to read
    patrol.py   the clock strikes: drift, digest, reminders
"""
