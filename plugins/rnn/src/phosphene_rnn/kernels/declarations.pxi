# What kernels.h, sentences.h and cell.h declare.
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
        const void *fours
    ctypedef struct quartering:
        const void *panels
        void *to
        ptrdiff_t depth, count
        int whole, threads
    ctypedef struct c_screen "screen":
        short *panels
        short *combined
        short *fours
        void *scales
        void *norms
        void *rows
        void *mean
        double lost
    ctypedef struct screening:
        const void *from_ "from"
        ptrdiff_t depth, words, apart
        float *lost
        float *sums
        c_screen *to
        int threads
    ctypedef struct scoring:
        const void *weights
        const void *combined
        const void *bias
        const c_screen *screen
        ptrdiff_t words
    ctypedef struct asking:
        scoring score
        const void *h
        ptrdiff_t rows, units, count
        int strassen
        ptrdiff_t *have
        ptrdiff_t *words
        double *log_probs
    enum: OUT_OF_MEMORY
    enum: UNFIT
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
        int (*screen)(screening *) noexcept nogil
        int (*quarter)(const quartering *) noexcept nogil
        int (*likeliest)(const asking *) noexcept nogil
        activation sigmoid
        activation tanh

cdef extern from "cell.h" nogil:
    void vanilla_forward_f()
    void vanilla_forward_d()
    void vanilla_backward_f()
    void vanilla_backward_d()
