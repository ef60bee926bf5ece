"""The screen: what the text alone can show, cheap and first.

    rows → chunks → rules, each chunk in any process → findings

``screen.py`` is the way in. A rule that looks for patterns is one file in ``rules/`` and no code; a
rule that must count or compare is a module beside this one, and its words are in ``rules/`` too.
Nothing found here decides the verdict: a hidden trait does not show in the text.
"""
