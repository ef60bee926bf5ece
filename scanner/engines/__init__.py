"""Engines: the base and its adapters, answering and scoring. ``interface`` is the contract."""
