"""
The only room that knows Kubernetes: it reads, tells what changed, and sends guarded patches.

Bytes come in, the frozen models of `release` and `balancing` go out; every error of the wire leaves
as a `Refusal` whose text a person can read. What never lives here: what a change means, whether
something may be done, and what is said about it. Nothing here decides; nothing else here connects.

    rollouts.py    KubernetesCluster: the port `Cluster`, put together
    mirror.py      the last known state of all kinds, and which rollout a change touches
    classes.py     the classes of Ingresses, read now and then
    feed.py        what one watch hears
    shelf.py       the last known objects of one kind; what counts as a change
    slim.py        keeping thousands of objects small
    index.py       which objects are found under a key
    news.py        what the follower has not taken yet: each rollout once, no deletion lost
    belongings.py  which Ingresses and Services a rollout names
    watch.py       list and watch of one kind, for ever
    listing.py     a list, page by page
    lines.py       a stream of bytes -> lines
    decoding.py    one line or one page of bytes -> models; calm about what cannot be read
    pace.py        how long to wait, and the clocks, so that tests need not wait
    kinds.py       the kinds we read, and their paths
    reading.py     one rollout with what belongs to it, read anew
    outage.py      the server is away, and back: until when nothing is compared
    inventory.py   all that decides where traffic goes, read once by paged lists
    managed.py     metadata.managedFields -> who wrote what
    rights.py      what the bot's account may do
    connect.py     one shared connection; credentials that expire
    clients.py     the library's clients, and how a request is given to them
    spelling.py    strings in JSON as the server keeps them
    configuration.py  where the cluster is, and who we are there
    refusals.py    what went wrong, in words
"""
