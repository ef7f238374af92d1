"""What every module of kernels begins with: it joins the shared pool of threads, and holds the sets that run here, for floats
and for doubles. Included after the declaration of `kernel_set`; the C side is instruction_sets.h."""

cdef extern from "kernels.h" nogil:
    const kernel_set *kernels_for(char real, const char *name)
    const char *best_instruction_set()

cdef extern from "workers.h":
    int join_workers() except -1

join_workers()

cdef const kernel_set *sets[2]


def instruction_set():
    """The name of the instruction set that kernels are chosen for: v4 (AVX-512), v3 (AVX2) or base."""
    return best_instruction_set().decode()


def use(str name):
    """Choose another instruction set, for tests. Returns whether this processor has it."""
    cdef bytes wanted = name.encode()
    if kernels_for(b"f", wanted) == NULL:
        return False
    sets[0], sets[1] = kernels_for(b"f", wanted), kernels_for(b"d", wanted)
    return True


use(instruction_set())
