"""What holds for every test of the workspace: none depends on how fast the machine is just now."""

from hypothesis import settings

settings.register_profile("phosphene", deadline=None)
settings.load_profile("phosphene")
