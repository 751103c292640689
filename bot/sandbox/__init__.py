"""
A local Slack and a local cluster, to try and to test the bot without accounts.

Each speaks the wire of the real thing, so that the bot which meets them is the real bot with other
addresses. No room of the bot lives here, and only the command line starts what does.

    slack/    Slack: Web API, Socket Mode, people who type and press
    cluster/  the Kubernetes API with rollouts that move as Argo moves them
    page/     a browser page on top of both
"""
