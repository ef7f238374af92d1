"""How fast this machine does what the installed plugins do: `phosphene bench`."""
