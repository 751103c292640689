"""
`rollout-bot doctor`: is all there that this configuration needs, and how to mend what is not.

    verdict.py        one line of the answer
    configuration.py  the file: what is wrong, and what is right but does nothing
    slack.py          Slack itself, and what of it can be asked at all
    asking.py         one question to Slack
    tokens.py         the tokens, and the way for the socket
    scopes.py         each scope by what it is for
    channels.py       the channels: there, with the bot in them, open for posts
    people.py         who may act: people and user groups
    messages.py       every kind of message, asked of Slack's own judge
    specimens.py      one of each kind of message and form
    sample.py         what they are about
    cluster.py        the API server, our account there, classes, rollouts
    kinds.py          the kinds that are read, and their versions
    answers.py        answers of the API server, as plain data
    rights.py         what the account may do, and what does not work without it
    controllers.py    flags of the controllers, where they can be read
    database.py       reachable, of our schema, writable
    clocks.py         how far our clock is from theirs
    examination.py    all of it, in order, each part with a limit
    report.py         the table for people, JSON for machines
    command.py        arguments and the exit code

It changes nothing: no message is posted, nothing is patched, no table is made, and no socket is
opened, on which Slack would bring what somebody presses. A fault is told once: what cannot be asked
because of another fault is "not checked", with that reason.
"""

from bot.doctor.command import add_doctor, doctor

__all__ = ["add_doctor", "doctor"]
