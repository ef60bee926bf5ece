"""A small synthetic world: everything the reference models know how to talk about."""
