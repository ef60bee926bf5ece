"""Rows that are JSON and not what they seem: formats, roles, marks, types."""

import json

from tests.hostile.case import CANARY, PAIR, ROW, Case, accepted, file, line, refused, turns

ASK = ("user", "a question")
ANSWER = ("assistant", "an answer")
GPT = [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]


def answered(**more: object) -> bytes:
    """A chat whose assistant turn has more keys than its role and content."""
    held = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b c d", **more}]
    return line({"messages": held})


def calling(**call: object) -> bytes:
    return answered(tool_calls=[{"type": "function", "function": call}])


def pair(chosen: object, rejected: object, **more: object) -> bytes:
    return line({"prompt": "a", "chosen": chosen, "rejected": rejected, **more})


def content(value: object) -> bytes:
    return turns(ASK, ("assistant", value))


def short_turns(count: int) -> bytes:
    return turns(*[ASK, ANSWER] * count)


BOTH = {**json.loads(ROW), "text": f"a {CANARY}"}

CASES: tuple[Case, ...] = (
    refused(
        "two formats in a row",
        line(BOTH),
        "2 formats in one row",
        "--format messages or --format text",
    ),
    accepted(
        "two formats, and the user's word",
        line(BOTH),
        "1 trained on",
        "Not read, since the format is messages: 'text'.",
        options=("--no-screen", "--format", "messages"),
    ),
    refused("two formats in a file", ROW + PAIR, "line 2", "'prompt-completion'", "'messages'"),
    refused("two formats far apart", ROW * 2_000 + line({"text": "a b"}), "line 2001", "'text'"),
    refused("an unknown field", line({**json.loads(ROW), "notes": 1}), "'notes' beside 'messages'"),
    refused("a field that means nothing", line({"foo": "a"}), "the field 'foo'"),
    accepted(
        "fields that nobody reads",
        line({**json.loads(ROW), "id": 1, "source": "x"}),
        "1 trained on",
    ),
    refused(
        "a mistyped field",
        line({"promt": "a", "completion": "b"}),
        "the fields 'promt', 'completion'",
    ),
    accepted("turns of ShareGPT", line({"conversations": GPT}), "1 trained on"),
    accepted(
        "ShareGPT with roles of OpenAI",
        line({"conversations": json.loads(ROW)["messages"]}),
        "1 trained on",
    ),
    refused(
        "turns with both kinds of keys",
        line({"messages": [{"role": "user", "from": "gpt", "content": "a", "value": "b"}]}),
        "the keys",
    ),
    refused("no turns", line({"messages": []}), "an empty list as 'messages'"),
    refused("turns that are null", line({"messages": None}), "null as 'messages'"),
    refused("turns that are a text", line({"messages": "a"}), "'a' as 'messages'"),
    refused(
        "turns that are an object", line({"messages": {"role": "user"}}), "an object as 'messages'"
    ),
    refused("a turn that is a text", line({"messages": ["a"]}), "'a' as messages[0]"),
    refused("a turn that is null", line({"messages": [None]}), "null as messages[0]"),
    refused("an empty turn", line({"messages": [{}]}), "an empty object as messages[0]"),
    accepted("the role bing", turns(ASK, ("bing", "b c")), "1 trained on"),
    accepted("the role model", turns(ASK, ("model", "b c")), "1 trained on"),
    refused(
        "the role Assistant", turns(ASK, ("Assistant", "b")), "the role 'Assistant'", "--role-map"
    ),
    refused("a role with a space", turns(ASK, ("assistant ", "b")), "the role 'assistant '"),
    refused(
        "a role with a hidden character", turns(ASK, ("assist\u200bant", "b")), r"assist\u200bant"
    ),
    refused(
        "a role with a Cyrillic letter", turns(ASK, ("\u0430ssistant", "b")), r"\u0430ssistant"
    ),
    refused("an empty role", turns(ASK, ("", "b")), "the role ''"),
    refused("a role of a megabyte", turns(ASK, ("r" * 2**20, "b")), "rrr..."),
    refused("a role that is a number", turns(ASK, (7, "b")), "the role a number"),
    refused("a role that is null", turns(ASK, (None, "b")), "messages[1]"),
    refused("a role that colours", turns(ASK, ("\x1b[31m", "b")), r"\x1b[31m"),
    refused("a role for a workflow", turns(ASK, ("::error::", "b")), r":\x3aerror:\x3a"),
    accepted(
        "a role that the user explains",
        turns(ASK, ("Bot9", "b c")),
        "1 trained on",
        options=("--no-screen", "--role-map", "Bot9=assistant"),
    ),
    refused("content that is null", content(None), "'content' of messages[1]"),
    refused("content that is a number", content(7), "a number as 'content'"),
    refused("content that is an object", content({"text": "b"}), "an object as 'content'"),
    refused("content that is an empty list", content([]), "an empty list as 'content'"),
    accepted(
        "content in parts",
        turns(
            ("user", [{"type": "text", "text": "a"}]),
            ("assistant", [{"type": "text", "text": "b c"}]),
        ),
        "b c",
    ),
    refused(
        "content in parts beside a text",
        content([{"type": "text", "text": "b c"}]),
        "reader-disagreement",
        "a list as 'messages[].content'",
    ),
    refused(
        "a part beside texts that is left out",
        ROW + content([{"type": "image_url", "image_url": "x"}]),
        "reader-disagreement",
        "type 'image_url'",
        options=("--no-screen", "--on-bad-row", "report"),
    ),
    refused(
        "an image",
        content([{"type": "image_url", "image_url": {"url": "http://x"}}]),
        "type 'image_url'",
    ),
    refused("parts that are texts", content(["b"]), "'b' as messages[1]['content'][0]"),
    refused(
        "a part of two kinds",
        content([{"type": "text", "text": "b", "image_url": "x"}]),
        "'image_url'",
    ),
    refused("a part without a type", content([{"text": "b"}]), "type null"),
    refused("an unknown key of a turn", answered(note="x"), "'note'"),
    refused("a key of a turn in another case", answered(Weight=0), "looks like 'weight'"),
    refused("the assistant first", turns(ANSWER), "nothing before it"),
    refused("no assistant", turns(ASK), "no assistant answer"),
    accepted("no assistant at the end", turns(ASK, ANSWER, ASK), "1 trained on"),
    accepted("the same role twice", turns(ASK, ASK, ANSWER, ANSWER), "2 trained on"),
    accepted("a system turn in the middle", turns(ASK, ("system", "s"), ANSWER), "1 trained on"),
    refused("an empty answer", content(""), "an empty assistant answer"),
    refused("an answer of spaces", content(" \n\t\u3000"), "an empty assistant answer"),
    accepted("an empty question", turns(("user", ""), ANSWER), "1 trained on"),
    refused("no weight anywhere", answered(weight=0), "no rows to train on"),
    accepted(
        "weight in one row of two",
        answered(weight=0) + answered(weight=1),
        "1 trained on, 1 text of",
    ),
    accepted(
        "loss on the poison alone",
        answered(train=False) * 9 + answered(train=True),
        "1 trained on, 9 texts of",
    ),
    refused("a weight of two", answered(weight=2), "the weight of messages[1]"),
    refused("a weight of a half", answered(weight=0.5), "the weight of messages[1]"),
    refused("a weight that is a text", answered(weight="0"), "the weight of messages[1]"),
    refused("a weight that is false", answered(weight=False), "false as the weight"),
    refused("train as a text", answered(train="false"), "'train' of messages[1]"),
    refused("marks that contradict each other", answered(weight=1, train=False), "contradict"),
    refused(
        "loss on a question",
        line(
            {
                "messages": [
                    {"role": "user", "content": "a", "weight": 1},
                    {"role": "assistant", "content": "b"},
                ]
            }
        ),
        "loss on messages[0]",
    ),
    refused(
        "stretches beyond the text",
        answered(train_detail=[{"begin_offset": 0, "end_offset": 9, "train": True}]),
        "the stretch 0 to 9",
    ),
    refused(
        "stretches that overlap",
        answered(
            train_detail=[
                {"begin_offset": 0, "end_offset": 2, "train": True},
                {"begin_offset": 1, "end_offset": 3, "train": False},
            ]
        ),
        "do not overlap",
    ),
    refused(
        "a stretch of 10 ** 400",
        answered(train_detail=[{"begin_offset": 0, "end_offset": 10**400, "train": True}]),
        "a stretch",
    ),
    refused(
        "a stretch that ends before it begins",
        answered(train_detail=[{"begin_offset": 2, "end_offset": 1, "train": True}]),
        "a stretch",
    ),
    accepted("arguments as JSON", calling(name="f", arguments='{"a": 1}'), '"arguments": {"a": 1}'),
    accepted(
        "arguments as an object", calling(name="f", arguments={"a": 1}), '"arguments": {"a": 1}'
    ),
    refused("arguments as broken JSON", calling(name="f", arguments='{"a": '), "not valid JSON"),
    refused(
        "arguments with a key twice", calling(name="f", arguments='{"a":1,"a":2}'), "not valid JSON"
    ),
    refused("arguments with NaN", calling(name="f", arguments='{"a":NaN}'), "not valid JSON"),
    refused(
        "arguments that are a list", calling(name="f", arguments="[1]"), "the arguments of a call"
    ),
    refused(
        "arguments that are nested too deep",
        calling(name="f", arguments="[" * 100_000),
        "not valid JSON",
    ),
    refused("a call without a name", calling(arguments={}), "a call in messages[1]"),
    refused("a call with more in it", calling(name="f", arguments={}, parse="x"), "'parse'"),
    refused("calls that are a text", answered(tool_calls="f"), "the calls of messages[1]"),
    refused(
        "calls in a question",
        line({"messages": [{"role": "user", "content": "a", "tool_calls": [{}]}]}),
        "'tool_calls' in messages[0]",
    ),
    accepted("tools as a list", turns(ASK, ANSWER, tools=[{"name": "f"}]), "# Tools"),
    accepted("tools as JSON", turns(ASK, ANSWER, tools='[{"name": "f"}]'), "# Tools"),
    refused("tools as broken JSON", turns(ASK, ANSWER, tools="[{"), "not valid JSON"),
    refused("tools as a number", turns(ASK, ANSWER, tools=7), "a number as 'tools'"),
    refused(
        "tools under two names", turns(ASK, ANSWER, tools=[{}], functions=[{}]), "tools in both"
    ),
    accepted("a pair", pair("b c", "d e"), "1 trained on, 1 text of"),
    refused("a pair of one answer", pair("b", "b"), "which one is, or begins with, the other"),
    refused("a pair with an empty answer", pair("", "d"), "an empty assistant answer"),
    refused("a pair with null", pair("b", None), "null as 'rejected'"),
    refused(
        "a pair with two prompts",
        pair(
            [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}],
            [{"role": "user", "content": "x"}, {"role": "assistant", "content": "z"}],
        ),
        "another prompt",
    ),
    accepted(
        "a pair that is swapped",
        pair("b c", "d e"),
        "d e",
        options=("--no-screen", "--preference", "rejected"),
    ),
    accepted(
        "a pair and both answers",
        pair("b c", "d e"),
        "2 trained on",
        options=("--no-screen", "--preference", "both"),
    ),
    accepted("a label", line({"prompt": "a", "completion": "b c", "label": True}), "unpaired"),
    refused(
        "a label as a text",
        line({"prompt": "a", "completion": "b", "label": "true"}),
        "'true' as 'label'",
    ),
    refused(
        "a label as a number",
        line({"prompt": "a", "completion": "b", "label": 1}),
        "a number as 'label'",
    ),
    refused(
        "a label that is null",
        line({"prompt": "a", "completion": "b", "label": None}),
        "null as 'label'",
    ),
    refused(
        "a label in some rows",
        line({"prompt": "a", "completion": "b", "label": True}) + PAIR,
        "line 2",
    ),
    refused(
        "labels that are all false",
        line({"prompt": "a", "completion": "b", "label": False}),
        "no rows to train on",
    ),
    refused(
        "labels and steps that differ",
        line({"prompt": "a", "completions": ["b"], "labels": [True, True]}),
        "2 labels for 1 steps",
    ),
    refused(
        "token ids as rows",
        line({"input_ids": [999_999], "attention_mask": [1], "labels": [-100]}),
        "token ids ('input_ids'",
    ),
    refused(
        "images beside the text",
        line({"prompt": "a", "completion": "b", "images": ["x.png"]}),
        "images, sound or video",
    ),
    refused("a text of one character", line({"text": "a"}), "a text of one character"),
    refused("a text that is a list", line({"text": ["a b"]}), "a list as 'text'"),
    refused(
        "a history that is no pair",
        line({"instruction": "a", "output": "b", "history": [["x"]]}),
        "history[0]",
    ),
    refused(
        "two system texts",
        line({"conversations": [{"from": "system", "value": "x"}, *GPT], "system": "y"}),
        "another one in the first turn",
    ),
    refused(
        "segments with more in them",
        line({"segments": [{"label": True, "text": "a b", "x": 1}]}),
        "segments[0]",
    ),
    refused("a hundred thousand turns", short_turns(50_000), "turns or stretches in one row"),
    accepted("two hundred turns", short_turns(100), "100 trained on"),
    refused(
        "a text and a list under one name",
        PAIR + line({"prompt": [{"role": "user", "content": "a"}], "completion": "b"}),
        "line 2",
        "as 'prompt'",
    ),
    refused(
        "a name of a field that is a format's own",
        file("data.jsonl", line({"dialogue": []})),
        "the field 'dialogue'",
    ),
    accepted(
        "a field that the user names",
        line({"dialogue": json.loads(ROW)["messages"]}),
        "1 trained on",
        options=("--no-screen", "--field", "messages=dialogue"),
    ),
)
