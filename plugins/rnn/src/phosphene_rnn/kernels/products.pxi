# Matrix products, and the packing of what goes into them.
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


def pack(bint double, w, offsets, ptrdiff_t units, ptrdiff_t length, int turned, to, int threads):
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
