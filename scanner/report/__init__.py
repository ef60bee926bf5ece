"""The report: results.json first; terminal summary and HTML are rendered from it, again and again.

``results`` reads and writes the data, ``view`` puts it in words (with ``text``, ``words`` and
``forest``), ``html`` and ``terminal`` show the view.
"""
