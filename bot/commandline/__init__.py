"""
What all commands of the command line share, whatever they do.

    options     those that several commands have
    manual      how a command explains itself: what `--help` prints
    pages       what it explains, command by command
    completion  what a shell completes, written from the parser itself
    patience    what somebody is told who waits

No command is here, and nothing that one of them knows.
"""
