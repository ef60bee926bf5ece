"""Executors: where jobs run. ``interface`` is the contract."""
