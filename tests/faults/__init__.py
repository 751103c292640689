"""
Faults: the real bot in processes of its own, and everything around it fails.

    people ─▶ Slack ◀─▶ door ◀─▶ bot ◀─▶ door ◀─▶ cluster
                          │                │
                       history          history ─▶ checker ─▶ violations

The doors stand between the bot and what it talks to: they write down what passes, and they are what
fails. The checker decides from these histories alone whether the bot kept what it promises; neither
it nor the doors know the bot.

    history.py    what is written down
    doors.py      the two proxies that write it down, and fail as they are told
    witness.py    every state of every rollout and lease, by a watch of its own
    checker.py    I1 to I7
    process.py    one replica: start, kill, stop, freeze
    theatre.py    all of it together
    crowd.py      people who press what they see
"""
