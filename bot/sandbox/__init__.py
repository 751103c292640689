"""
A local Slack, a local cluster and a page, to try and to test the bot without an account.

They speak the wire of the real things, so that the bot which meets them is the real bot with other
addresses. No room of the bot lives here, and nothing here knows of the bot.

    slack/      Slack: Web API, Socket Mode, people who type and press; the judge of Block Kit
    cluster/    the API server, the controllers of ReplicaSets and pods, and Argo Rollouts
    page/       both in a browser: the channels, and the truth about the cluster beside them
    play/       who and what there is when the page opens
"""
