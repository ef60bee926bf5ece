"""Statistics: pure functions, arrays in, result objects out."""
