"""
What is played with in the sandbox: the rollouts of the demo, the truth about them, and the levers.

    cast      who and what there is at the beginning     truth    the cluster as the page shows it
    panel     the levers, and what they do               history  weights over time
    verdicts  what the analysis of the demo measures

The bot is not here: whoever starts the sandbox brings one (`panel.Bot`).
"""
