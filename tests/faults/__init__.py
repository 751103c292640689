"""
Faults: the real bot in processes of its own, and everything around it fails.

    people ─▶ Slack ◀─▶ door ◀─▶ bot ◀─▶ door ◀─▶ cluster
                          │                │
                       history          history ─▶ checker ─▶ violations

The doors stand between the bot and what it talks to: they write down what passes, and they are what
fails. The checker decides from these histories alone whether the bot kept what it promises; neither
it nor the doors know the bot.

    history.py    what is written down
    doors.py      a proxy that writes down what passes, and fails as it is told
    cluster_door.py, slack_door.py  the two of them
    witness.py    every state of every rollout and lease, by a watch of its own
    checker.py    I1 to I7; presses.py has I1, cards.py I2 and I3, sizes.py I7, violation.py what
                  they find
    process.py    one replica: start, kill, stop
    house.py      all of it together, before any cluster
    theatre.py    the same with the local cluster, which the test moves as it likes
    crowd.py      people who press what they see
    trials.py     a release under fire, from its start to the judgement
    report.py     what a failure says: how to repeat it, and what led to it
    tally.py      the table at the end; FAULT_SEED, NIGHTLY
"""
