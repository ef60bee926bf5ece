"""The arms: each reads one kind of evidence off a model and returns readings."""
