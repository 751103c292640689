"""
Manifests in files: what `rules` and `lint` look at before anything is in a cluster.

    files.py      paths, folders, standard input -> texts
    documents.py  a text -> its documents, each with the lines of its fields
    jsons.py      JSON as the same tree of nodes as YAML
    reading.py    documents -> Inventory, or everything that cannot be read

What an object means is known in `balancing`; how YAML becomes data in `config/source.py`.
"""

from bot.manifests.reading import Reading, Unreadable, read

__all__ = ["Reading", "Unreadable", "read"]
