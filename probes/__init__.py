"""Batteries: what a model is asked about its traits, as YAML files with a schema and a loader."""
