"""
Slack: the only room that knows slack_sdk and slack_bolt.

    in    link or request ─▶ doorman ─▶ slash | buttons | modals ─ack─▶ desk ─▶ flows ─▶ voice
    out   flows ─▶ outbox ─▶ turns (pace) ─▶ carrier ─▶ calls ─▶ Slack

| you want to…                                    | go to                                  |
|-------------------------------------------------|----------------------------------------|
| add a verb, or a word for one                   | `commands`                             |
| change what a button or a menu means            | `buttons`                              |
| change what a form demands                      | `modals`                               |
| see who somebody is                             | `people`                               |
| change how answers reach one person             | `voice`                                |
| change what goes first and how fast             | `outbox`, `turns`, `pace`              |
| see what happens when a post fails              | `carrier`, `errands`                   |
| name what Slack refuses                         | `calls`, `credentials`, `broken`       |
| ask for another scope, or for one less          | `scopes`                               |
| keep a secret out of the log                    | `redact`                               |

What never lives here: words for people about rollouts (`messages`) and decisions (`flows`). The
few sentences said here are about Slack itself: a channel, a form, a button that is not ours.
"""
