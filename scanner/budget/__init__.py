"""The budget: how many rows an audit can take in so many minutes, and which they are."""
