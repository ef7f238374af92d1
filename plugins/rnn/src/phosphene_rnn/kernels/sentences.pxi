# Sentences, word by word: greedy, and by beam search.
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
    `weights`: Wh in panels, where several go on from one state, else None; `fours`: what each four of these have combined, or None. What it points to must live as long."""
    cdef reading c
    cdef object held

    def __init__(self, bint double, Lexicon known, told, states, words, parents, tiles, weights, fours, ptrdiff_t units, bint strassen):
        cdef int n
        cdef Plan plan = told.plan
        slots = told.slots
        self.held = known, told, states, words, parents, tiles, weights, fours
        self.c.words_known, self.c.stages, self.c.first, self.c.last = &known.c, plan.stages, told.first, told.last
        self.c.slot_count, self.c.strassen, self.c.units = len(slots), strassen, units
        for n in range(self.c.slot_count):
            self.c.slots[n].stage, self.c.slots[n].lane, self.c.slots[n].what, self.c.slots[n].which = slots[n]
        for n in range(len(states[0])):
            self.c.states[0][n], self.c.states[1][n] = address(states[0][n]), address(states[1][n])
        self.c.words, self.c.parents, self.c.most = <ptrdiff_t *>address(words), <ptrdiff_t *>address(parents), len(words)
        self.c.tiles, self.c.weights, self.c.parts = address(tiles), address(weights), 0 if weights is None else weights.shape[1]
        self.c.combined, self.c.fours = combined(weights, double, units), address(fours)


def quarter(bint double, panels, ptrdiff_t count, ptrdiff_t depth, bint whole, to, int threads):
    """What each four of `count` panels of such a depth have combined, to `to`. Returns whether that pays."""
    cdef quartering q
    cdef int pays
    q.panels, q.to, q.depth, q.count, q.whole, q.threads = address(panels), address(to), depth, count, whole, threads
    with nogil:
        pays = sets[double].quarter(&q)
    return bool(pays)


cdef class Screen:
    """A vocabulary made ready for screening, in arrays for it: whole numbers, and what pairs of panels have combined (or None), scales,
    lengths, rows of weights, and their mean."""
    cdef c_screen c
    cdef readonly object arrays, fours

    def __init__(self, panels, combined, scales, norms, rows, mean):
        self.arrays = panels, combined, scales, norms, rows, mean
        self.c.panels, self.c.combined, self.c.scales = <short *>address(panels), <short *>address(combined), address(scales)
        self.c.fours = NULL
        self.c.norms, self.c.rows, self.c.mean = address(norms), address(rows), address(mean)

    def fill(self, w, lost, sums, int threads):
        """From weights (depth, words); `lost`, `sums`: room. Returns whether that can be, here and with these."""
        cdef screening s
        cdef int failed
        s.from_, s.depth, s.words, s.lost, s.to = address(w), w.shape[0], w.shape[1], <float *>address(lost), &self.c
        s.threads, s.sums, s.apart = threads, <float *>address(sums), sums.shape[1]
        with nogil:
            failed = sets[0].screen(&s)
        return not failed

    def take_fours(self, fours):
        """With what each four panels have combined, many rows are screened quicker."""
        self.fours, self.c.fours = fours, <short *>address(fours)

    @property
    def panels(self):
        return self.arrays[0]

    @property
    def lost(self):
        """What rounding took of a word's length at most, as a share."""
        return self.c.lost


cdef scoring score(weights, bias, ptrdiff_t words, bint double) except *:
    """`weights`: in panels, or a screen."""
    cdef scoring s
    s.weights, s.combined, s.screen, s.bias, s.words = NULL, NULL, NULL, address(bias), words
    if isinstance(weights, Screen):
        s.screen = &(<Screen>weights).c
    else:
        s.weights, s.combined = address(weights), combined(weights, double, words)
    return s


def likeliest(bint double, h, weights, bias, ptrdiff_t words, bint strassen, have, found, log_probs):
    """Of rows of h the likeliest next words, as many as `found` (rows, count) has room for."""
    cdef asking a
    cdef int failed
    a.score, a.h, a.rows, a.units = score(weights, bias, words, double), address(h), h.shape[0], h.shape[1]
    a.count, a.strassen, a.have, a.words = found.shape[1], strassen, <ptrdiff_t *>address(have), <ptrdiff_t *>address(found)
    a.log_probs = <double *>address(log_probs)
    with nogil:
        failed = sets[double].likeliest(&a)
    if failed:
        raise MemoryError("no memory to score words")


def speak(bint double, list readings, list active, weights, bias, ptrdiff_t words, ptrdiff_t length, ptrdiff_t end, tokens, log_probs,
          int threads):
    """Each reading's rows say the likeliest word, again and again, into rows `active` of the results. Returns False, and no result, where
    the words are screened and that is no good."""
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
    if failed & OUT_OF_MEMORY:
        raise MemoryError("no memory to speak")
    return not failed


def search(bint double, list readings, list pictures, weights, bias, ptrdiff_t words, ptrdiff_t width, ptrdiff_t length, ptrdiff_t end,
           double never, lengths, tokens, log_probs, int threads):
    """Beam search by each reading for its pictures, a slice of the results. Returns as `speak` does."""
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
    if failed & OUT_OF_MEMORY:
        raise MemoryError("no memory for a beam search")
    return not failed
