"""Decides whether a dataset may pass: a result of an audit, judged by a policy.

    digests → result → checks → findings → verification → rendering

``verification.py`` is the way in. Everything here is fast and loads no model: a merge waits for it.
"""
