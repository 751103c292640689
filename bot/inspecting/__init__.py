"""
`rollout-bot rules` and `rollout-bot lint`: what the balancer will do, in a terminal or a pipeline.

    command.py     arguments, from what is read to the exit code
    looking.py     files or a cluster -> what is looked at, and what is known of it
    words.py       conditions, actions and shares in words
    marks.py       what people should know of one rule: header path, weights, what shadows it
    rules_text.py  the rules of all groups as tables
    beside.py      what the tables cannot show: Ingresses not at hand, NGINX
    ahead.py       header routes that steps will write
    tables.py      rows that fit a width
    rules_json.py  the same as data, in the annotations' own field names
    lint_text.py   findings for people
    lint_json.py   findings as data
    sarif.py       findings for code scanning: SARIF 2.1.0

What is found is decided in `balancing`; nothing here judges.
"""

from bot.inspecting.command import add_commands, ensure_input, lint, rules

__all__ = ["add_commands", "ensure_input", "lint", "rules"]
