# cython: language_level=3, boundscheck=False, wraparound=False
"""The bridge from numpy arrays to the C kernels. What is asked for comes checked from compiled_engine.py; nothing is checked
here. Arrays are given by rows: two-dimensional, the numbers of a row adjacent; or in panels."""
from cpython.buffer cimport PyBUF_STRIDES, PyBuffer_Release, PyObject_GetBuffer
from cpython.pycapsule cimport PyCapsule_GetPointer, PyCapsule_New
from libc.stddef cimport ptrdiff_t
from libc.stdlib cimport calloc, free

cdef extern from "kernels.h" nogil:
    ctypedef struct grid:
        void *data
        ptrdiff_t row, block, part
        const ptrdiff_t *places
        int in_panels
    enum:
        LEFT_ROWS
        LEFT_TURNED
        LEFT_PANELS
    ctypedef struct c_product "product":
        int left
        grid a, b, out
        const void *bias
        void *sums
        ptrdiff_t rows, depth, parts, units, left_units
        int add, strassen, threads
        const void *combined
        void *take
        void *taker
    ctypedef struct packing:
        const void *from_ "from"
        ptrdiff_t stride
        const ptrdiff_t *offsets
        ptrdiff_t units, depth, parts, length
        int turned, threads
        void *to
        void *combined
    enum: MOST_LANES
    enum: MOST_PACKED
    enum: MOST_STAGES
    ctypedef void (*activation)(void *, ptrdiff_t) noexcept nogil
    ctypedef void (*cell)(void **, ptrdiff_t, activation, activation) noexcept nogil
    ctypedef struct factor:
        const void *weights
        const void *combined
        ptrdiff_t depth
    ctypedef struct c_step "step":
        int lane_count, parts, packed_count
        int packed[MOST_PACKED]
        cell function
        factor inputs, state
        ptrdiff_t units
    ctypedef struct track:
        grid at
        const ptrdiff_t *begins
    ctypedef struct stage_lane:
        track from_ "from"
        track first, also, to
    ctypedef struct stage:
        stage_lane lanes[MOST_LANES]
        c_step plan
        void *operands[2]
        const ptrdiff_t *counts
    ctypedef struct c_walk "walk":
        const stage *stages
        const ptrdiff_t *steps
        const ptrdiff_t *counts
        const ptrdiff_t *products
        const void *operand
        track inputs
        void *tiles
        ptrdiff_t step_count, input_depth, tile
        int stage_count, threads
    ctypedef struct grouping:
        grid from_ "from"
        grid to
        const ptrdiff_t *order
        const ptrdiff_t *starts
        ptrdiff_t groups, parts, blocks
        int threads
    ctypedef struct lexicon:
        const void *vectors
        const void *weights
        const void *bias
        void *table
        unsigned char *known
        ptrdiff_t vocabulary, depth, row_size
    enum: MOST_SLOTS
    enum: MOST_STATES
    ctypedef struct slot "struct slot":
        int stage, lane, what, which
    ctypedef struct reading:
        const lexicon *words_known
        stage *stages
        int first, last, slot_count, strassen
        slot slots[MOST_SLOTS]
        void *states[2][MOST_STATES]
        void *tiles
        ptrdiff_t *words
        ptrdiff_t *parents
        ptrdiff_t most, units, parts
        const void *weights
        const void *combined
    ctypedef struct scoring:
        const void *weights
        const void *combined
        const void *bias
        ptrdiff_t words
    ctypedef struct speaker:
        reading read
        scoring score
        ptrdiff_t *active
        ptrdiff_t rows, length, end
        ptrdiff_t *tokens
        double *log_probs
        int failed
    ctypedef struct searcher:
        reading read
        scoring score
        ptrdiff_t pictures, width, length, end
        double never
        ptrdiff_t *lengths
        ptrdiff_t *tokens
        double *log_probs
        int failed
    ctypedef struct kernel_set:
        int tile, panel
        int (*product)(const c_product *) noexcept nogil
        void (*pack)(const packing *) noexcept nogil
        void (*pack_operand)(const grid *, ptrdiff_t, ptrdiff_t, ptrdiff_t, void *) noexcept nogil
        int (*walk)(const c_walk *) noexcept nogil
        void (*sum_groups)(const grouping *) noexcept nogil
        void (*speak)(speaker *, int, int) noexcept nogil
        void (*search)(searcher *, int, int) noexcept nogil
        activation sigmoid
        activation tanh

cdef extern from "cell.h" nogil:
    void vanilla_forward_f()
    void vanilla_forward_d()
    void vanilla_backward_f()
    void vanilla_backward_d()

include "kernel_sets.pxi"

most_lanes, most_packed, most_stages = MOST_LANES, MOST_PACKED, MOST_STAGES

# The name of a capsule is the signature of the function in it, as in SciPy's LowLevelCallable.
cdef const char *SIGNATURES[2]
SIGNATURES[0] = "void (float **, ptrdiff_t, void (*)(float *, ptrdiff_t), void (*)(float *, ptrdiff_t))"
SIGNATURES[1] = "void (double **, ptrdiff_t, void (*)(double *, ptrdiff_t), void (*)(double *, ptrdiff_t))"


def sizes(bint double):
    """Rows of an operand's tile, columns of a weights' panel."""
    return sets[double].tile, sets[double].panel


cdef int look(grid *g, array, places, bint double, ptrdiff_t units) except -1:
    """Where an array's numbers are: rows (rows, columns) of parts of so many units, panels of one part (blocks, rows,
    PANEL) or of several (blocks, parts, rows, PANEL), or a vector."""
    cdef Py_buffer view
    cdef ptrdiff_t panel = sets[double].panel
    g.data, g.row, g.block, g.part, g.places, g.in_panels = NULL, 0, panel, units, NULL, 0
    if array is None:
        return 0
    PyObject_GetBuffer(array, &view, PyBUF_STRIDES)
    g.data = view.buf
    if view.ndim > 1:
        g.row = view.strides[view.ndim - 2] // view.itemsize
    if view.ndim > 2:
        g.in_panels = 1
        g.block, g.part = view.strides[0] // view.itemsize, view.strides[view.ndim - 3] // view.itemsize
    PyBuffer_Release(&view)
    if places is not None:
        g.places = <const ptrdiff_t *>address(places)
    return 0


cdef void *address(array) except? NULL:
    cdef Py_buffer view
    if array is None:
        return NULL
    PyObject_GetBuffer(array, &view, PyBUF_STRIDES)
    PyBuffer_Release(&view)
    return view.buf


cdef void *combined(weights, bint double, ptrdiff_t units) except? NULL:
    """What Strassen's product needs of packed weights besides: it lies behind their panels, where there is room for it."""
    cdef ptrdiff_t block, blocks = (units + sets[double].panel - 1) // sets[double].panel
    if weights is None or weights.shape[0] == blocks:
        return NULL
    block = weights.strides[0]
    return <char *>address(weights) + blocks * block


def product(bint double, out, out_places, a, a_places, bint turned, ptrdiff_t left_units, b, ptrdiff_t units,
            bias, sums, ptrdiff_t rows, bint add, bint strassen, int threads):
    cdef c_product p
    cdef int failed
    p.left = LEFT_TURNED if turned else LEFT_PANELS if a.ndim > 2 else LEFT_ROWS
    look(&p.a, a, a_places, double, left_units)
    look(&p.b, b, None, double, units)
    look(&p.out, out, out_places, double, units)
    p.bias, p.sums, p.rows, p.add, p.threads = address(bias), address(sums), rows, add, threads
    p.parts, p.depth, p.units, p.left_units = b.shape[1], b.shape[2], units, left_units
    p.strassen, p.combined, p.take, p.taker = strassen, combined(b, double, units), NULL, NULL
    with nogil:
        failed = sets[double].product(&p)
    if failed:
        raise MemoryError("no memory for a matrix product's scratch space")


def pack(bint double, w, offsets, ptrdiff_t units, ptrdiff_t length, bint turned, to, int threads):
    cdef packing p
    cdef grid g
    look(&g, w, None, double, 0)
    p.from_, p.stride, p.offsets, p.to = g.data, g.row, <const ptrdiff_t *>address(offsets), address(to)
    p.units, p.length, p.turned, p.threads = units, length, turned, threads
    p.parts, p.depth, p.combined = to.shape[1], to.shape[2], combined(to, double, units)
    with nogil:
        sets[double].pack(&p)


def pack_operand(bint double, array, places, ptrdiff_t rows, ptrdiff_t depth, ptrdiff_t tile, to):
    cdef grid g
    cdef void *out = address(to)
    look(&g, array, places, double, 0)
    with nogil:
        sets[double].pack_operand(&g, rows, depth, tile, out)


cdef int follow(track *k, described, bint double) except -1:
    """A track: None, or (array, begins, places)."""
    if described is None:
        return look(&k.at, None, None, double, 0)
    array, begins, places = described
    look(&k.at, array, places, double, 0)
    k.begins = <const ptrdiff_t *>address(begins)
    return 0


cdef ptrdiff_t HERE = 0


cdef int point(track *k, array, places, bint double) except -1:
    """A track of one step."""
    k.begins = &HERE
    return look(&k.at, array, places, double, 0)


cdef class Plan:
    """A walk, told once and gone as often as wanted. What it points to must live as long. A leg: (function, packed, parts,
    weights or None, weights of the inputs or None, operands, lanes, units, counts or None); a lane: four tracks, from where,
    from where at first, what is added, to where."""
    cdef stage stages[MOST_STAGES]
    cdef int legs
    cdef bint double
    cdef object held

    def __init__(self, bint double, list legs):
        cdef c_step *s
        cdef int n, i
        self.held, self.double, self.legs = legs, double, len(legs)
        for n in range(self.legs):
            function, packed, parts, weights, inner, operands, lanes, units, counts = legs[n]
            s = &self.stages[n].plan
            s.lane_count, s.packed_count, s.parts, s.units = len(lanes), len(packed), parts, units
            for i in range(s.lane_count):
                follow(&self.stages[n].lanes[i].from_, lanes[i][0], double)
                follow(&self.stages[n].lanes[i].first, lanes[i][1], double)
                follow(&self.stages[n].lanes[i].also, lanes[i][2], double)
                follow(&self.stages[n].lanes[i].to, lanes[i][3], double)
            for i in range(s.packed_count):
                s.packed[i] = packed[i]
            s.function = NULL
            if function is not None:
                s.function = <cell>PyCapsule_GetPointer(function, SIGNATURES[double])
            s.state.weights, s.state.depth = address(weights), 0 if weights is None else weights.shape[2]
            s.inputs.weights, s.inputs.depth = address(inner), 0 if inner is None else inner.shape[2]
            s.state.combined, s.inputs.combined = combined(weights, double, units), combined(inner, double, units)
            self.stages[n].counts = <const ptrdiff_t *>address(counts)
            self.stages[n].operands[0], self.stages[n].operands[1] = address(operands[0]), address(operands[1])

    def read(self, int leg, int lane, array, places):
        """Another array for a lane to be read from, at step 0."""
        point(&self.stages[leg].lanes[lane].from_, array, places, self.double)

    def add(self, int leg, int lane, array, places):
        """Another array to be added to a lane, at step 0."""
        point(&self.stages[leg].lanes[lane].also, array, places, self.double)

    def write(self, int leg, int lane, array):
        """Another array for a lane to be written to, at step 0."""
        point(&self.stages[leg].lanes[lane].to, array, None, self.double)

    def go_on(self, int leg, operand):
        """Another operand for a leg to write at step 0."""
        self.stages[leg].operands[0] = address(operand)

    def go(self, operand, inputs, tiles, ptrdiff_t tile, steps, counts, products, int threads):
        """`inputs` is a track; `tiles` is room for them, packed."""
        cdef c_walk w
        cdef int failed
        follow(&w.inputs, inputs, self.double)
        w.tiles, w.tile, w.input_depth = address(tiles), tile, 0 if inputs is None else inputs[0].shape[1]
        w.stages, w.stage_count, w.step_count, w.operand = self.stages, self.legs, len(steps), address(operand)
        w.steps, w.counts = <const ptrdiff_t *>address(steps), <const ptrdiff_t *>address(counts)
        w.products, w.threads = <const ptrdiff_t *>address(products), threads
        with nogil:
            failed = sets[self.double].walk(&w)
        if failed:
            raise MemoryError("no memory for a walk over the steps")


cdef class Lexicon:
    """What words are to a step. What it points to must live as long."""
    cdef lexicon c
    cdef object held

    def __init__(self, vectors, weights, bias, table, known):
        self.held = vectors, weights, bias, table, known
        self.c.vectors, self.c.weights, self.c.bias = address(vectors), address(weights), address(bias)
        self.c.table, self.c.known = address(table), <unsigned char *>address(known)
        self.c.vocabulary, self.c.depth, self.c.row_size = vectors.shape[0], vectors.shape[1], table.shape[1]


cdef class Reading:
    """Rows that read words, as a plan's (a `StepPlan`) cell does; `states`: those before a step and those after it, by turns;
    `weights`: Wh in panels, where several go on from one state, else None. What it points to must live as long."""
    cdef reading c
    cdef object held

    def __init__(self, bint double, Lexicon known, told, states, words, parents, tiles, weights, ptrdiff_t units, bint strassen):
        cdef int n
        cdef Plan plan = told.plan
        slots = told.slots
        self.held = known, told, states, words, parents, tiles, weights
        self.c.words_known, self.c.stages, self.c.first, self.c.last = &known.c, plan.stages, told.first, told.last
        self.c.slot_count, self.c.strassen, self.c.units = len(slots), strassen, units
        for n in range(self.c.slot_count):
            self.c.slots[n].stage, self.c.slots[n].lane, self.c.slots[n].what, self.c.slots[n].which = slots[n]
        for n in range(len(states[0])):
            self.c.states[0][n], self.c.states[1][n] = address(states[0][n]), address(states[1][n])
        self.c.words, self.c.parents, self.c.most = <ptrdiff_t *>address(words), <ptrdiff_t *>address(parents), len(words)
        self.c.tiles, self.c.weights, self.c.parts = address(tiles), address(weights), 0 if weights is None else weights.shape[1]
        self.c.combined = combined(weights, double, units)


cdef scoring score(weights, bias, ptrdiff_t words, bint double) except *:
    cdef scoring s
    s.weights, s.combined, s.bias, s.words = address(weights), combined(weights, double, words), address(bias), words
    return s


def speak(bint double, list readings, list active, weights, bias, ptrdiff_t words, ptrdiff_t length, ptrdiff_t end, tokens, log_probs,
          int threads):
    """Each reading's rows say the likeliest word, again and again, into rows `active` of the results."""
    cdef speaker *speakers = <speaker *>calloc(max(1, len(readings)), sizeof(speaker))
    cdef Reading read
    cdef int count = len(readings), i, failed = 0
    if speakers == NULL:
        raise MemoryError("no memory to speak")
    try:
        for i in range(count):
            read = readings[i]
            speakers[i].read, speakers[i].score = read.c, score(weights, bias, words, double)
            speakers[i].active, speakers[i].rows = <ptrdiff_t *>address(active[i]), len(active[i])
            speakers[i].length, speakers[i].end = length, end
            speakers[i].tokens, speakers[i].log_probs = <ptrdiff_t *>address(tokens), <double *>address(log_probs)
        with nogil:
            sets[double].speak(speakers, count, threads)
        for i in range(count):
            failed |= speakers[i].failed
    finally:
        free(speakers)
    if failed:
        raise MemoryError("no memory to speak")


def search(bint double, list readings, list pictures, weights, bias, ptrdiff_t words, ptrdiff_t width, ptrdiff_t length, ptrdiff_t end,
           double never, lengths, tokens, log_probs, int threads):
    """Beam search by each reading for its pictures, a slice of the results."""
    cdef searcher *searchers = <searcher *>calloc(max(1, len(readings)), sizeof(searcher))
    cdef Reading read
    cdef ptrdiff_t first
    cdef int count = len(readings), i, failed = 0
    if searchers == NULL:
        raise MemoryError("no memory for a beam search")
    try:
        for i in range(count):
            read, first = readings[i], pictures[i].start * 2 * width
            searchers[i].read, searchers[i].score = read.c, score(weights, bias, words, double)
            searchers[i].pictures, searchers[i].width = pictures[i].stop - pictures[i].start, width
            searchers[i].length, searchers[i].end, searchers[i].never = length, end, never
            searchers[i].lengths = <ptrdiff_t *>address(lengths) + first
            searchers[i].tokens = <ptrdiff_t *>address(tokens) + first * length
            searchers[i].log_probs = <double *>address(log_probs) + first * length
        with nogil:
            sets[double].search(searchers, count, threads)
        for i in range(count):
            failed |= searchers[i].failed
    finally:
        free(searchers)
    if failed:
        raise MemoryError("no memory for a beam search")


def sum_groups(bint double, to, array, order, starts, int threads):
    cdef grouping g
    look(&g.from_, array, None, double, 0)
    look(&g.to, to, None, double, 0)
    g.order, g.starts = <const ptrdiff_t *>address(order), <const ptrdiff_t *>address(starts)
    g.groups, g.parts, g.blocks, g.threads = len(starts) - 1, to.shape[1], to.shape[0], threads
    with nogil:
        sets[double].sum_groups(&g)


def apply(bint double, function, list arrays, ptrdiff_t count):
    """A cell's function, or "sigmoid" or "tanh", on `count` numbers of contiguous arrays, in place."""
    cdef void *data[MOST_LANES]
    cdef const kernel_set *kernels = sets[double]
    for i, array in enumerate(arrays):
        data[i] = address(array)
    if function == "sigmoid":
        kernels.sigmoid(data[0], count)
    elif function == "tanh":
        kernels.tanh(data[0], count)
    else:
        (<cell>PyCapsule_GetPointer(function, SIGNATURES[double]))(
            data, count, kernels.sigmoid, kernels.tanh)


def functions():
    """The vanilla cell's functions, for float and double."""
    return {
        "forward": (PyCapsule_New(<void *>vanilla_forward_f, SIGNATURES[0], NULL),
                    PyCapsule_New(<void *>vanilla_forward_d, SIGNATURES[1], NULL)),
        "backward": (PyCapsule_New(<void *>vanilla_backward_f, SIGNATURES[0], NULL),
                     PyCapsule_New(<void *>vanilla_backward_d, SIGNATURES[1], NULL)),
    }
