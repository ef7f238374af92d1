"""Prints where the C files lie, for a plugin's build."""

from phosphene_core.native import FOLDER

print(FOLDER)
