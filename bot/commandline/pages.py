"""What each command explains about itself, by its name; "" is the program."""

from bot.commandline.manual import Page

_CLUSTER = ("ROLLOUT_BOT_CONFIG", "KUBECONFIG", "HTTPS_PROXY")
_DATABASE = ("ROLLOUT_BOT_DATABASE_URL", "ROLLOUT_BOT_STATE_DIR")
_SLACK = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_API_URL")
_CREDENTIALS = "the cluster refuses the credentials, or there are none"
_WRONG = "the command line or the configuration is wrong, or a file cannot be read"
_INPUT = "input that cannot be read, a cluster that does not answer, a namespace without anything"

PAGES = {
    "": Page(
        about="The Slack bot with which on-call engineers control Argo Rollouts releases behind an "
        "AWS load balancer. It tells every step with the weights that are really in force, and "
        "does what people ask for: promote, abort, pause, test by a header without public "
        "traffic.\n\n"
        "Results go to stdout, everything else to stderr. Each command has its own --help.",
        exits={
            0: "done",
            1: "something was found: by doctor, lint or rules",
            2: "the command line or the configuration is wrong, or something cannot be read",
            3: "Slack or the cluster refuses the credentials",
        },
        environment=(*_CLUSTER, *_DATABASE, *_SLACK, "NO_COLOR"),
        examples=(
            ("rollout-bot demo", "the whole bot in a browser; needs nothing else"),
            ("rollout-bot lint deploy/", "what is wrong with the manifests in a folder"),
            ("rollout-bot run --config rollout-bot.yaml", "the bot"),
        ),
    ),
    "run": Page(
        about="Runs the bot until SIGTERM or SIGINT. It then has eight seconds to finish what is "
        "under way; a second signal ends it at once. SIGHUP lets it look at the configuration now: "
        "it does so every two seconds anyway, also at secrets that are files.\n\n"
        "Servers that cannot be reached are waited for. Where and whether it is well, /healthz, "
        "/readyz and /metrics tell, at `health.listen` of the configuration.",
        exits={
            0: "stopped cleanly",
            2: "the configuration is wrong, a token is not set, a channel does not exist, or the "
            "database cannot be used",
            3: "Slack or the cluster refuses the credentials; it says which, and what is missing",
        },
        environment=(*_CLUSTER, *_DATABASE, *_SLACK),
        examples=(
            ("rollout-bot run --config rollout-bot.yaml", "with a configuration of its own"),
            ("rollout-bot run --log-format json", "in a cluster, where logs are collected"),
        ),
    ),
    "demo": Page(
        about="Plays the whole bot in a browser: the real one, with a local Slack and a local "
        "cluster whose rollouts move as Argo moves them. It needs no account and no cluster, and "
        "leaves nothing behind. Ctrl-C ends it.\n\nThe address of the page goes to stdout.",
        exits={0: "ended by SIGTERM or SIGINT", 2: "no port is free, or something did not come up"},
        examples=(
            ("rollout-bot demo", "opens the page"),
            ("rollout-bot demo --port 9000 --no-browser", "for a machine without a screen"),
        ),
    ),
    "doctor": Page(
        about="Looks at the configuration, Slack, the cluster and the database as the bot would, "
        "and says of each thing whether it is as it must be; under each that is not, how to mend "
        "it. Nothing is changed, posted or opened.",
        exits={
            0: "nothing is missing",
            1: "something is missing",
            2: "the command line is wrong",
        },
        environment=(*_CLUSTER, *_DATABASE, *_SLACK, "NO_COLOR"),
        examples=(
            ("rollout-bot doctor --config rollout-bot.yaml", "before the first start"),
            ("rollout-bot doctor --messages --output json", "all of it, for machines"),
        ),
    ),
    "rules": Page(
        about="Shows the listener rules that the AWS Load Balancer Controller will make of "
        "Ingresses, in the order in which the balancer tries them, with what is never reached and "
        "why. It reads files, folders, standard input or a cluster, and changes nothing.",
        exits={
            0: "every group can be built",
            1: "a group has an error: its balancer keeps its last rules",
            2: _INPUT,
            3: _CREDENTIALS,
        },
        environment=(*_CLUSTER, "NO_COLOR"),
        examples=(
            ("rollout-bot rules deploy/ingress.yaml", "of a file"),
            ("helm template shop ./chart | rollout-bot rules - --namespace shop", "of a chart"),
            ("rollout-bot rules --cluster --namespace shop", "of what is there"),
        ),
    ),
    "lint": Page(
        about="Looks for what keeps canary releases from doing what they say: in manifests before "
        "they are deployed, or in a cluster. Each finding has its evidence and the way to mend it. "
        "What could not be checked is told, never passed in silence.",
        exits={
            0: "nothing as grave as --fail-on says",
            1: "findings as grave as --fail-on says",
            2: _INPUT,
            3: _CREDENTIALS,
        },
        environment=(*_CLUSTER, "NO_COLOR"),
        examples=(
            ("rollout-bot lint deploy/", "of a folder"),
            ("kustomize build . | rollout-bot lint - --fail-on medium", "in a pipeline"),
            ("rollout-bot lint deploy/ --output sarif", "for code scanning"),
            ("rollout-bot lint --cluster", "of what is there"),
        ),
    ),
    "status": Page(
        about="Shows what the card in Slack shows: versions, weights asked, reported and written, "
        "pods, steps. Without a name: all rollouts that the account may read. Needs no Slack.",
        exits={0: "shown, also when there is none", 2: _WRONG, 3: _CREDENTIALS},
        environment=_CLUSTER,
        examples=(
            ("rollout-bot status shop/checkout", "one rollout"),
            ("rollout-bot status --watch", "all, again at every change; Ctrl-C ends it"),
            ("rollout-bot status --output json", "for scripts: a list"),
        ),
    ),
    "ledger": Page(
        about="Prints the audit record: every press and command, done or refused, with who, what, "
        "where, when, why and how it ended; oldest first. It reads the bot's database, also while "
        "the bot runs.",
        exits={
            0: "printed, also when nothing is on record",
            2: "the command line is wrong, or the database cannot be used",
        },
        environment=_DATABASE,
        examples=(
            ("rollout-bot ledger --since 7d", "of the last week"),
            ("rollout-bot ledger --since 2026-01-31T09:00Z --output csv", "for a spreadsheet"),
            ("rollout-bot ledger --output json", "one object a line"),
        ),
    ),
    "config": Page(
        about="What can be done with configuration files.",
        exits={0: "done", 2: "a fault in a file"},
        examples=(("rollout-bot config check --help", "more about it"),),
    ),
    "config check": Page(
        about="Validates configuration files, offline. Every fault is told at once, with its file, "
        "line and field, and with what is allowed there.",
        exits={0: "all are valid", 2: "a fault in one of them, or a file cannot be read"},
        environment=("ROLLOUT_BOT_CONFIG",),
        examples=(
            ("rollout-bot config check rollout-bot.yaml", "before it is deployed"),
            ("rollout-bot config check", "the file that the bot itself would read, as in a pod"),
        ),
    ),
    "completion": Page(
        about="Prints the completion script of a shell: commands, options and their values. It is "
        "written from this very version; after an upgrade, make it anew.",
        exits={0: "printed", 2: "no such shell"},
        examples=(
            (
                "rollout-bot completion bash > /etc/bash_completion.d/rollout-bot",
                "bash, with the package bash-completion",
            ),
            (
                'rollout-bot completion zsh > "${fpath[1]}/_rollout-bot"',
                "zsh; needs compinit in .zshrc",
            ),
            (
                "rollout-bot completion fish > ~/.config/fish/completions/rollout-bot.fish",
                "fish",
            ),
        ),
    ),
}
