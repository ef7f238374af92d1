"""What holds for every test of the workspace: none depends on how fast the machine is just now, nor on luck.

The examples that hypothesis draws are the same in every run, so that a test fails for what was changed and for nothing else. To look for
failures that nobody has seen yet, draw others: `pytest --hypothesis-profile=explore`.
"""

import signal

from hypothesis import settings

settings.register_profile("phosphene", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None)
settings.load_profile("phosphene")

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # as in a shell's background: the tests of Ctrl-C need it heard
    signal.signal(signal.SIGINT, signal.default_int_handler)
