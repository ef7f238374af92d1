"""Data sets fetched over bad lines from servers that are not trusted: whole, or not at all."""
