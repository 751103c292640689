"""
Everything the bot says, one function per message. Pure: data in, Message out.

A message never asks anybody anything: what it says is in its arguments. It must
not decide what is legal (`release/offers.py`) or who hears it (`flows`).

    blocks.py         Message, limits, escaping, dates
    seal.py           what buttons and forms carry, sealed
    words.py          the small phrases that several messages share
    weights.py        traffic in words: one number, or every source by name
    headers.py        what requests with a header reach
    headlines.py      where a release stands, in one line
    card.py           the card that follows one revision
    buttons.py        offers as buttons
    announcements.py  Change -> the line in the thread
    replies.py        answers to actions and refusals
    reports.py        status, list, steps, history, who
    rules.py drift.py digests.py helps.py
    findings.py       what is wrong: found, still there, gone, muted
    modals.py         the header-only form
    muting.py         the form that mutes a finding
    home.py           the app's home tab
"""
