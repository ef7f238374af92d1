/* Strassen's seven products within each of seven: four tiles by four panels with forty-nine products of a quarter of the depth in the
 * place of sixty-four. All parts that meet lie side by side in the order in which they do. Who includes this has included
 * seven_products.h. */

enum { FORTY_NINE = SEVEN * SEVEN };

static inline OPERANDS part(const NUMBER *p) { return *(const OPERANDS *)p; }

/* The parts of a left side (or a right one) by its quarters: see seven_products. */
static inline __attribute__((always_inline)) void take_apart(
    const int of_tiles, OPERANDS x11, OPERANDS x12, OPERANDS x21, OPERANDS x22, OPERANDS to[SEVEN])
{
    if (of_tiles) to[0] = x11, to[1] = x21 - x11, to[2] = x22, to[3] = x12 - x22, to[4] = x11 + x22, to[5] = x21 + x22, to[6] = x11 + x12;
    else to[0] = x12 - x22, to[1] = x11 + x12, to[2] = x21 - x11, to[3] = x21 + x22, to[4] = x11 + x22, to[5] = x11, to[6] = x22;
}

/* Four tiles, or panels, side by side, whose quarters of the depth have n numbers each, in whole vectors: into forty-nine such parts. */
static inline __attribute__((always_inline)) void take_four_apart(const int of_tiles, const NUMBER *from, ptrdiff_t n, NUMBER *restrict to)
{
    const NUMBER *four[4] = {from, from + 4 * n, from + 8 * n, from + 12 * n};
    for (ptrdiff_t i = 0; i < n; i += sizeof(OPERANDS) / sizeof(NUMBER)) {
        OPERANDS outer[2][2][SEVEN], inner[SEVEN];          /* of tile, or panel, t or t + 2, quarters q and q + 2 of the depth */
#pragma GCC unroll 2
        for (int t = 0; t < 2; t++)
#pragma GCC unroll 2
            for (int q = 0; q < 2; q++) {
                OPERANDS here = part(four[t] + q * n + i), deeper = part(four[t] + (q + 2) * n + i);
                OPERANDS beside = part(four[t + 2] + q * n + i), last = part(four[t + 2] + (q + 2) * n + i);
                if (of_tiles) take_apart(1, here, deeper, beside, last, outer[t][q]);
                else take_apart(0, here, beside, deeper, last, outer[t][q]);
            }
#pragma GCC unroll 7
        for (int k = 0; k < SEVEN; k++) {
            if (of_tiles) take_apart(1, outer[0][0][k], outer[0][1][k], outer[1][0][k], outer[1][1][k], inner);
            else take_apart(0, outer[0][0][k], outer[1][0][k], outer[0][1][k], outer[1][1][k], inner);
#pragma GCC unroll 7
            for (int j = 0; j < SEVEN; j++) *(OPERANDS *)(to + (SEVEN * k + j) * n + i) = inner[j];
        }
    }
}

/* Two tiles by two panels of results, from where they are gathered to their places, or from what is there. */
static inline __attribute__((always_inline)) void move_four(
    const int how, int height, SUM from[4][TILE * PANEL], SUM *to, ptrdiff_t tile, ptrdiff_t panel, ptrdiff_t apart)
{
    for (int t = 0; t < 2; t++)
        for (int p = 0; p < 2; p++) {
            const SUM *next = from[2 * t + p];
            SUM *out = to + t * tile + p * panel;
            for (int i = 0; i < height; i++, next += PANEL, out += apart)
                put(how, *(const SUMS *)next, out), put(how, *(const SUMS *)(next + LANES), out + LANES);
        }
}

/* The results go to `out`: tiles, panels, and rows so far apart. */
static inline __attribute__((always_inline)) BUILT void forty_nine_products(
    int height, ptrdiff_t quarter, ptrdiff_t a, ptrdiff_t b, const NUMBER *tiles, const NUMBER *panels, SUM *out, ptrdiff_t tile, ptrdiff_t panel,
    ptrdiff_t apart)
{
    SUM here[4][TILE * PANEL] __attribute__((aligned(64)));
    SUM *c11 = out, *c12 = out + 2 * panel, *c21 = out + 2 * tile, *c22 = c21 + 2 * panel;
    for (int k = 0; k < SEVEN; k++, tiles += SEVEN * a, panels += SEVEN * b) {
        const NUMBER *left[SEVEN], *right[SEVEN];
        for (int j = 0; j < SEVEN; j++) left[j] = tiles + j * a, right[j] = panels + j * b;
        /* As in seven_products the second goes on from the first, and the fourth from the third. */
        seven_products(height, k == 1 || k == 3 ? ADD : SET, quarter, left, right, here[0], here[1], here[2], here[3], PANEL);
        if (k < 4) move_four(SET, height, here, k == 0 ? c12 : k == 1 ? c22 : k == 2 ? c21 : c11, tile, panel, apart);
        else move_four(ADD, height, here, k == 4 ? c11 : k == 5 ? c21 : c12, tile, panel, apart);
        if (k == 4) move_four(ADD, height, here, c22, tile, panel, apart);
        if (k > 4) move_four(TAKE, height, here, k == 5 ? c22 : c11, tile, panel, apart);
    }
}
