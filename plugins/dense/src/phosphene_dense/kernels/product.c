/* Matrix products, blocked as Goto and van de Geijn (2008) block them, on the pool that all kernels share.
 *
 * a is packed once into slivers of ROWS rows, depth by depth as the register tile reads them; a task takes some panels
 * of COLUMNS columns of b, packs a block of DEPTH of one panel (it stays in L1) and meets it with every sliver. Why not
 * BLAS: its threads spin for milliseconds after each product, on the cores that the kernels around it want next.
 */
#include "product.h"
#include "room.h"
#include "tile.h"
#include "transpose.h"
#include "workers.h"

enum { DEPTH = 1024 / sizeof(REAL), ROWS_AT_ONCE = 16 * ROWS };

typedef struct {
    const matrices *m;
    REAL *a;                                    /* packed: [sliver][depth][ROWS] */
    ptrdiff_t slivers, panels, panel_share, row_parts, sliver_share;
    int failed;
} plan;

static void pack_slivers(void *context, int index)
{
    const plan *p = context;
    const matrices *m = p->m;
    const REAL *a = (const REAL *)m->a + index * ROWS * m->a_row;
    REAL *to = p->a + index * m->depth * ROWS;
    ptrdiff_t rows = at_most(ROWS, m->rows - index * ROWS), k = 0;
#if defined(__AVX512F__)
    if (sizeof(REAL) == 4 && m->a_depth == 1) {
        float square[256] __attribute__((aligned(64))) = {0}, turned[256] __attribute__((aligned(64)));
        for (; k + 16 <= m->depth; k += 16) {
            for (ptrdiff_t i = 0; i < rows; i++) memcpy(square + i * 16, a + i * m->a_row + k, 64);
            transpose_16(square, 16, turned, 16);
            for (int d = 0; d < 16; d++) memcpy(to + (k + d) * ROWS, turned + d * 16, ROWS * sizeof(float));
        }
    }
#endif
    for (; k < m->depth; k++)
        for (ptrdiff_t i = 0; i < ROWS; i++) to[k * ROWS + i] = i < rows ? a[i * m->a_row + k * m->a_depth] : 0;
}

/* b's rows k ... k + depth - 1 of one panel, `columns` of it, as [depth][COLUMNS]. */
static void pack_panel(const matrices *m, ptrdiff_t k, ptrdiff_t depth, ptrdiff_t column, ptrdiff_t columns, REAL *to)
{
    const REAL *b = (const REAL *)m->b + k * m->b_depth + column * m->b_column;
    if (columns < COLUMNS) memset(to, 0, depth * COLUMNS * sizeof(REAL));
    if (m->b_column == 1) {
        for (ptrdiff_t d = 0; d < depth; d++) memcpy(to + d * COLUMNS, b + d * m->b_depth, columns * sizeof(REAL));
        return;
    }
    ptrdiff_t d = 0;
#if defined(__AVX512F__)
    if (sizeof(REAL) == 4 && columns == COLUMNS)
        for (; d + LANES <= depth; d += LANES)
            for (int v = 0; v < COLUMNS; v += LANES)
                transpose_16((const float *)b + v * m->b_column + d, m->b_column, (float *)to + d * COLUMNS + v, COLUMNS);
#endif
    for (; d < depth; d++)
        for (ptrdiff_t j = 0; j < columns; j++) to[d * COLUMNS + j] = b[j * m->b_column + d];
}

static void meet(const plan *p, ptrdiff_t sliver, ptrdiff_t k, ptrdiff_t depth, ptrdiff_t column, ptrdiff_t columns,
                 const REAL *panel)
{
    const matrices *m = p->m;
    ptrdiff_t rows = at_most(ROWS, m->rows - sliver * ROWS);
    const REAL *a = p->a + (sliver * m->depth + k) * ROWS;
    REAL *out = (REAL *)m->out + sliver * ROWS * m->columns + column, sums[TILE] __attribute__((aligned(64)));
    int add = k > 0 || m->bias;
    if (rows == ROWS && columns == COLUMNS) {
        tile_of(ROWS, 2, depth, a, 1, ROWS, panel, COLUMNS, out, m->columns, add);
        return;
    }
    tile_packed(rows, (int)columns, depth, a, panel, sums, 0);
    for (ptrdiff_t i = 0; i < rows; i++)
        for (ptrdiff_t j = 0; j < columns; j++) {
            REAL *to = out + i * m->columns + j;
            *to = add ? *to + sums[i * COLUMNS + j] : sums[i * COLUMNS + j];
        }
}

static void some_panels(void *context, int index)
{
    plan *p = context;
    const matrices *m = p->m;
    ptrdiff_t first_sliver = index % p->row_parts * p->sliver_share, panel = index / p->row_parts * p->panel_share;
    ptrdiff_t last_sliver = at_most(first_sliver + p->sliver_share, p->slivers);
    ptrdiff_t last_panel = at_most(panel + p->panel_share, p->panels);
    if (first_sliver >= last_sliver) return;
    REAL *packed = room(p->panel_share * DEPTH * COLUMNS, sizeof(REAL));
    if (!packed) {
        __atomic_store_n(&p->failed, 1, __ATOMIC_RELAXED);
        return;
    }
    if (m->bias)
        for (ptrdiff_t i = first_sliver * ROWS; i < at_most(last_sliver * ROWS, m->rows); i++)
            memcpy((REAL *)m->out + i * m->columns + panel * COLUMNS, (const REAL *)m->bias + panel * COLUMNS,
                   at_most((last_panel - panel) * COLUMNS, m->columns - panel * COLUMNS) * sizeof(REAL));
    for (ptrdiff_t k = 0; k < m->depth; k += DEPTH) {
        ptrdiff_t depth = at_most(DEPTH, m->depth - k);
        for (ptrdiff_t q = panel; q < last_panel; q++)
            pack_panel(m, k, depth, q * COLUMNS, at_most(COLUMNS, m->columns - q * COLUMNS),
                       packed + (q - panel) * DEPTH * COLUMNS);
        for (ptrdiff_t s = first_sliver; s < last_sliver; s += ROWS_AT_ONCE / ROWS)     /* these rows stay in L2 */
            for (ptrdiff_t q = panel; q < last_panel; q++)
                for (ptrdiff_t t = s; t < at_most(s + ROWS_AT_ONCE / ROWS, last_sliver); t++)
                    meet(p, t, k, depth, q * COLUMNS, at_most(COLUMNS, m->columns - q * COLUMNS),
                         packed + (q - panel) * DEPTH * COLUMNS);
    }
    leave(packed);
}

int FOR_THIS_SET(product)(const matrices *m)
{
    if (m->rows < 1 || m->columns < 1) return 0;
    if (few_rows_win(m)) return few_rows(m);
    plan p = {.m = m, .slivers = parts_of(m->rows, ROWS), .panels = parts_of(m->columns, COLUMNS), .row_parts = 1};
    ptrdiff_t threads = m->threads, parts = 4 * threads;
    p.panel_share = at_most(parts_of(p.panels, parts), 8);
    if (p.panels < parts && p.slivers > p.panels) p.row_parts = at_most(parts_of(parts, p.panels), p.slivers);
    p.sliver_share = parts_of(p.slivers, p.row_parts);
    p.a = room(p.slivers * m->depth * ROWS + TILE, sizeof(REAL));
    if (!p.a) return -1;
    run_tasks(pack_slivers, &p, (int)p.slivers, m->threads);
    run_tasks(some_panels, &p, (int)(p.row_parts * parts_of(p.panels, p.panel_share)), m->threads);
    leave(p.a);
    return p.failed ? -1 : 0;
}
