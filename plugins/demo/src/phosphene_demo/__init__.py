"""A page that shows what is installed."""
