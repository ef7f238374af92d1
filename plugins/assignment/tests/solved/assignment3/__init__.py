"""A solved assignment, in plain numpy."""
