"""The process from which all students' processes are forked. It has loaded numpy and the models, which takes a second,
and never loads a student's code itself."""

import importlib
import json
import os
import signal
import socket
import sys

from phosphene_assignment.sandbox import keeper, runner

BOOT = "import sys; sys.path.append(sys.argv[1]); from phosphene_assignment.sandbox import nursery; nursery.main()"
"""`python -I -S -c BOOT FOLDER SOCKET MODULES`. FOLDER: the packages that a student's code may use; no others are found.
SOCKET: the number of the socket on which the grader asks for processes, each by a message of JSON with five file
descriptors. MODULES: what to load beforehand, as JSON."""

HANDLES = 5


def main() -> None:
    for name in json.loads(sys.argv[3]):
        importlib.import_module(name)
    runner.pretrained()
    control = socket.socket(fileno=int(sys.argv[2]))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # keepers tell the grader themselves
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the grader's to answer; it then closes the socket
    control.send(b"ready")
    while True:
        message, handles, _, _ = socket.recv_fds(control, 1 << 16, HANDLES)
        if not message:
            return
        if os.fork() == 0:
            control.close()
            keeper.keep(json.loads(message), handles)
        for handle in handles:
            os.close(handle)
