"""
A local Slack, to try and to test the bot without an account.

It speaks the wire of the real thing, so that the bot which meets it is the real bot with other
addresses. No room of the bot lives here.

    slack/    Slack: Web API, Socket Mode, people who type and press
"""
