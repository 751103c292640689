"""
The same requests to two API servers, compared.

    steps        what is asked, one request after another
    vocabulary   what can be said of a kind; argo_words, built_in_words: what is said; kinds: all
    changes      steps that write
    sequences    a seed makes a sequence of steps
    runner       a sequence is asked of a server
    normal       answers of two servers made comparable
    differences  what is left
    invariants   what holds of the answers of any server

What is left out of the sequences, because neither the bot nor Argo does it and the local server
does not either, is said where they are made: "not asked".
"""
