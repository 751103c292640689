"""
A real cluster for tests on one machine: a Kubernetes API server and the Argo Rollouts controller.

The rooms, from the bottom up:

* `tools`      builds the binaries once with Go and keeps them in `.tools/`
* `ports`      loopback ports that no other bed on this machine takes
* `guard`      lets no program outlive the tests
* `processes`  `Component`: one program, its log, its start, its end
* `files`      what the programs read: tokens, a key, kubeconfigs, kwok's stages
* `components` the command line of each program
* `resources`  the kinds of objects and their paths
* `api`        `Api`: a small asynchronous client of the Kubernetes API
* `cluster`    `Bed`: all of them together
* `kube`       `Kube`: the client with the words that scenarios need

Nothing here imports `bot`: what the bed says about the cluster does not depend on what the bot
believes.
"""
