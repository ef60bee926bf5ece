"""Explain: which rows lead to a finding, and does the data say it or hide it?"""
