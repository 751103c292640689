"""
Everything the bot says, one function per message. Pure: data in, Message out.

A message never asks anybody anything: what it says is in its arguments. It must
not decide what is legal (`release/actions.py`) or who hears it (`flows`).

    blocks.py         Message, limits, escaping, dates, plain fallback
    words.py          the small phrases that several messages share
    card.py           the card that follows one revision, with its buttons
    announcements.py  Change -> the line in the thread
    replies.py        answers to actions and refusals
    reports.py        status, list, steps, history, who, drift, digest, help
    modals.py         the header-only modal
    home.py           the app's home tab
"""
