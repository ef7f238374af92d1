"""`phosphene new`: a complete plugin to start from."""
