"""
A local cluster that speaks the wire of the Kubernetes API server, and moves rollouts as Argo does.

The bot under test is the real bot with `KUBECONFIG` pointing here. Nothing in this package knows
the bot, nor the Kubernetes client.

    socket ─▶ calls ─▶ people, rights ─▶ answers ─┬▶ listing, watching ─▶ shelves
                                                  └▶ writing ─▶ rules ─▶ store ─▶ controllers

You want to …                                             go to
    start it, cut it off, let it forget, let it fail      server
    see which request is which                            calls, answers
    see who may what                                      people, rights, reviews
    read and write objects in this process                store, programs, objects, kinds
    see what happened, and who hears of it                shelves, watching
    read lists: pages, tokens, selectors                  listing, selectors
    read what was sent                                    texts, bodies, manifests
    see what a patch does                                 patching: jsonpatch, objects, strategic
    see what applying does, and who owns which field      applying, managed, fieldsets
    see what every write must obey                        rules, admission, checks, names
    see what one kind must obey                           …_checks, checking
    know what objects look like                           shapes, shape_tables, …_shapes, typed
    see how they are read, and what is filled in          reading_shapes, defaults, finishing
    add a kind by its definition; see what is cleared up  definitions, keeping
    find the words of a refusal                           errors, refusals
    let kubectl find its way                              discovery, openapi
    move rollouts                                         argo/, queue, control
    make pods, and the endpoints of Services              nodes/

Emulated, and held against the real server by the same requests of chance to both (tests/wire):
reading and writing in one namespace and in all, `…/status`, dry runs, versions and conflicts, pages
and their tokens, watches with bookmarks and 410, label and field selectors, JSON, merge, strategic
and apply patches, metadata.managedFields, validation and defaults of the kinds that releases are
about. Besides: RBAC, CustomResourceDefinitions, namespaces that end, owners that go, webhooks that
do not answer.

Not emulated: TLS and protobuf (so `kubectl create namespace` is refused; `kubectl apply` works),
tables, `…/scale`, `…/eviction`, other versions of a kind than one, quotas, admission policies,
webhooks that do answer, rules (CEL) and patterns of definitions but for the selector of Rollouts,
fields of pods that releases do not meet, conversion, impersonation, audit, priority and fairness.

What was looked at before this was written: kmock 0.8 has an emulator (`KubernetesEmulator`) in the
process of the tests. It keeps plain dictionaries: no versions of objects, no tests in JSON patches,
no status subresource, no pages or bookmarks, no selectors. Nothing of it could be kept. Its idea
was taken: a real wire, in the same process.
"""
