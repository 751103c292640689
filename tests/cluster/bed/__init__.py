"""
A real cluster for tests on one machine: a Kubernetes API server and the Argo Rollouts controller.

The rooms, from the bottom up:

* `tools`      builds the binaries once with Go and keeps them in `.tools/`
* `ports`      loopback ports that no other bed on this machine takes
* `guard`      lets no program outlive the tests
* `processes`  `Component`: one program, its log, its start, its end
* `resources`  the kinds of objects and their paths
* `api`        `Api`: a small asynchronous client of the Kubernetes API
* `users`      who has a token, and with which rights
* `files`      what the programs read: tokens, a key, kubeconfigs, kwok's stages
* `components` the command line of each program
* `cluster`    `Bed`: all of them together
* `kube`       `Kube`: the client with the words that scenarios need
* `charts`     Helm: the project's chart, and the account that it makes
* `seed`       the rollout most tests begin with
* `applications` Argo CD's kind, for those who ask for it

Nothing here imports `bot`: what the bed says about the cluster does not depend on what the bot
believes.
"""
