"""C that plugins with kernels of their own build into them: the pool of threads that all of them share (`workers.h`), the
choice of instruction set at run time (`instruction_sets.h`), and headers for matrix products: the register tile
(`tile.h`), squares turned (`transpose.h`), scratch (`room.h`).

In a plugin's meson.build, with "phosphene-core" among the build's requirements:

    native = run_command(py, '-m', 'phosphene_core.native', check: true).stdout().strip()
    py.extension_module('_kernels', '_kernels.pyx', native / 'workers.c', 'kernels.c', cython_args: ['-I', native],
      include_directories: include_directories(native), dependencies: [py.dependency(), dependency('threads')])

In its Cython module, after the declaration of its `kernel_set`, the functions that it compiles for each instruction set:

    include "kernel_sets.pxi"

This joins the pool of threads. A module without sets of its own says what is needed for that by itself:

    cdef extern from "workers.h":
        int join_workers() except -1
    join_workers()

Its C then calls `run_tasks(task, context, tasks, threads)`, with `phosphene_core.threads.threads()` as the last; in Python,
`phosphene_core.kernels.Kernels` is the module where it was compiled, and tells when it was not.
"""

from pathlib import Path

FOLDER = Path(__file__).parent
"""Where the C files lie."""
