"""
What comes from outside, made wrong on purpose: payloads of Slack, lines of a watch, configuration.

    FUZZ_CASES=100000 FUZZ_SEED=7 python -m pytest tests/fuzz     (or: make fuzz)
    FUZZ_SEED=7 FUZZ_ONE=4711 python -m pytest tests/fuzz         the case that failed, alone

Each case is made from its seed and its number alone. It passes when nothing crashes, nothing is
logged with a traceback, and people read neither a traceback nor markup that is not ours.
"""
