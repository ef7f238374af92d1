"""C that plugins with kernels of their own build into them: the pool of threads that all of them share (`workers.h`),
and headers for matrix products: the register tile (`tile.h`), squares turned (`transpose.h`), scratch (`room.h`).

In a plugin's meson.build, with "phosphene-core" among the build's requirements:

    native = run_command(py, '-m', 'phosphene_core.native', check: true).stdout().strip()
    py.extension_module('_kernels', '_kernels.pyx', native / 'workers.c', 'kernels.c',
      include_directories: include_directories(native), dependencies: [py.dependency(), dependency('threads')])

In its Cython module, once, at import:

    cdef extern from "workers.h":
        int join_workers() except -1
    join_workers()

Its C then calls `run_tasks(task, context, tasks, threads)`, with `phosphene_core.threads.threads()` as the last.
"""

from pathlib import Path

FOLDER = Path(__file__).parent
"""Where the C files lie."""
