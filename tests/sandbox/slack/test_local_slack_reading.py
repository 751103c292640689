"""Messages as a person reads them."""

import pytest

from bot.sandbox.slack.forms import choose, state
from bot.sandbox.slack.model import Content
from bot.sandbox.slack.reading import plain_mrkdwn


def plain(text):
    return {"type": "plain_text", "text": text}


@pytest.mark.parametrize(
    ("markup", "read"),
    [
        pytest.param("since <!date^1764000000^{time}|12:00 UTC>", "since 12:00 UTC", id="date"),
        pytest.param("by <@U0ANN>, <@U0BEN|ben>", "by @U0ANN, @U0BEN", id="people"),
        pytest.param("<!here> <!subteam^S0ONCALL|@oncall>", "@here @S0ONCALL", id="many-people"),
        pytest.param("in <#C0RELEASES|releases>", "in #C0RELEASES", id="channel"),
        pytest.param("<https://e.org|Argo CD> <https://e.org>", "Argo CD https://e.org", id="link"),
        pytest.param("&lt;!here&gt; &amp;lt;", "<!here> &lt;", id="escaped"),
    ],
)
def test_markup_is_read_without_its_brackets(markup, read):
    assert plain_mrkdwn(markup) == read


BLOCKS = (
    {"type": "header", "text": plain("shop/api *waits*")},
    {
        "type": "section",
        "text": {"type": "mrkdwn", "text": "by <@U0ANN>"},
        "fields": [plain("canary 10 %"), plain("stable 90 %")],
    },
    {"type": "divider"},
    {
        "type": "actions",
        "elements": [
            {"type": "button", "action_id": "p", "text": plain("Promote")},
            {
                "type": "overflow",
                "action_id": "o",
                "options": [{"text": plain("Steps"), "value": "steps"}],
            },
        ],
    },
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": "at "},
                    {
                        "type": "date",
                        "timestamp": 1,
                        "format": "{time}",
                        "fallback": "noon",
                    },
                    {"type": "text", "text": " by "},
                    {"type": "user", "user_id": "U0BEN"},
                ],
            }
        ],
    },
    {
        "type": "table",
        "rows": [[{"type": "raw_text", "text": "a"}, {"type": "raw_text", "text": "b"}]],
    },
)


def test_a_message_is_read_line_by_line():
    """Its text, then each block in one line, whatever is in it."""
    content = Content(text="for screen readers", blocks=BLOCKS)

    assert content.plain.splitlines() == [
        "for screen readers",
        "shop/api *waits*",
        "by @U0ANN  canary 10 %  stable 90 %",
        "Promote  Steps",
        "at noon by @U0BEN",
        "a  b",
    ]
    assert content.buttons == {"Promote": "p"}
    assert content.options == {"Steps": "steps"}


def test_a_confirm_dialog_can_be_read():
    """Its words are not on the screen before the press, so `plain` does not have them."""
    dialog = {
        "title": plain("Abort?"),
        "text": {"type": "mrkdwn", "text": "0 % go to *v2*"},
        "confirm": plain("Abort"),
        "deny": plain("Leave it"),
    }
    pressed = {"type": "button", "action_id": "abort", "text": plain("Abort"), "confirm": dialog}
    content = Content(blocks=({"type": "actions", "elements": [pressed]},))

    assert content.plain == "Abort"
    assert content.confirm("abort") == "Abort?\n0 % go to *v2*"
    assert content.element("abort") == pressed


def option(value):
    return {"text": plain(value.title()), "value": value}


INPUTS = [
    {
        "type": "input",
        "block_id": "why",
        "label": plain("Why"),
        "optional": True,
        "element": {"type": "plain_text_input", "action_id": "why-text"},
    },
    {
        "type": "input",
        "block_id": "how",
        "label": plain("How"),
        "element": {
            "type": "radio_buttons",
            "action_id": "how-radio",
            "options": [option("inserted"), option("authored")],
            "initial_option": option("authored"),
        },
    },
    {
        "type": "input",
        "block_id": "also",
        "label": plain("Also"),
        "optional": True,
        "element": {
            "type": "checkboxes",
            "action_id": "also-boxes",
            "options": [option("a"), option("b")],
        },
    },
]


def test_inputs_have_what_was_given_else_what_they_show():
    untouched = state(INPUTS, {}, complete=True)
    filled = state(INPUTS, {"why": "because", "how-radio": "inserted", "also": ["a", "b"]})

    assert untouched["why"]["why-text"] == {"type": "plain_text_input", "value": None}
    assert untouched["how"]["how-radio"]["selected_option"] == option("authored")
    assert untouched["also"]["also-boxes"]["selected_options"] == []
    assert filled["why"]["why-text"]["value"] == "because"
    assert filled["how"]["how-radio"]["selected_option"] == option("inserted")
    assert filled["also"]["also-boxes"]["selected_options"] == [option("a"), option("b")]


def test_what_is_not_there_cannot_be_filled_in():
    with pytest.raises(LookupError, match="no input called where"):
        state(INPUTS, {"where": "here"})
    with pytest.raises(LookupError, match="no option 'z' in how-radio, choose one of"):
        choose(INPUTS[1]["element"], "z")
