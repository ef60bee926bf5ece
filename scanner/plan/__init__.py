"""Plan: what an audit would take, from the base's settings and arithmetic; nothing is trained."""
