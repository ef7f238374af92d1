# Walks over the steps of a layer.
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
