/* Products of few rows (a batch of a few pictures): b is read once, from end to end, and that is what takes the time.
 * Where b's rows lie along the columns, its rows are scaled and added up, four at a time; where they lie along the
 * depth, each column is a dot product. */
#include "product.h"
#include "room.h"
#include "tile.h"
#include "workers.h"

enum { MOST_ROWS = 8, STEPS = 4, WORTH_A_TASK = 1 << 15 };

typedef struct {
    const matrices *m;
    REAL *a;                                    /* [depth][rows], rows one of 1, 2, 4, 8, zero from the last real one on */
    ptrdiff_t rows, share;
    int failed;
} few;

/* sums[i][v] += sum over `steps` k of a[k][i] * b[k][v]. */
static inline __attribute__((always_inline)) void add_rows(int rows, int steps, const REAL *restrict a, const REAL *restrict b,
                                                           ptrdiff_t b_depth, REAL *restrict sums, ptrdiff_t width)
{
    for (ptrdiff_t j = 0; j < width; j += LANES) {
        vector values[STEPS];
#pragma GCC unroll 4
        for (int k = 0; k < steps; k++) values[k] = load(b + k * b_depth + j);
#pragma GCC unroll 8
        for (int i = 0; i < rows; i++) {
            vector s = load(sums + i * width + j);
#pragma GCC unroll 4
            for (int k = 0; k < steps; k++) s += a[k * rows + i] * values[k];
            store(sums + i * width + j, s);
        }
    }
}

static inline __attribute__((always_inline)) void all_rows(int rows, const few *f, const REAL *b, REAL *sums, ptrdiff_t width)
{
    const matrices *m = f->m;
    ptrdiff_t k = 0;
    for (; k + STEPS <= m->depth; k += STEPS) add_rows(rows, STEPS, f->a + k * rows, b + k * m->b_depth, m->b_depth, sums, width);
    for (; k < m->depth; k++) add_rows(rows, 1, f->a + k * rows, b + k * m->b_depth, m->b_depth, sums, width);
}

static void some_columns(void *context, int index)
{
    few *f = context;
    const matrices *m = f->m;
    ptrdiff_t first = index * f->share, columns = at_most(f->share, m->columns - first), width = columns / LANES * LANES;
    const REAL *b = (const REAL *)m->b + first, *bias = m->bias ? (const REAL *)m->bias + first : 0;
    REAL *sums = room(f->rows * f->share, sizeof(REAL));
    if (!sums) {
        __atomic_store_n(&f->failed, 1, __ATOMIC_RELAXED);
        return;
    }
    memset(sums, 0, f->rows * width * sizeof(REAL));
    switch (f->rows) {
    case 1: all_rows(1, f, b, sums, width); break;
    case 2: all_rows(2, f, b, sums, width); break;
    case 4: all_rows(4, f, b, sums, width); break;
    default: all_rows(8, f, b, sums, width);
    }
    for (ptrdiff_t i = 0; i < m->rows; i++) {
        REAL *out = (REAL *)m->out + i * m->columns + first;
        for (ptrdiff_t j = 0; j < width; j++) out[j] = sums[i * width + j] + (bias ? bias[j] : 0);
        for (ptrdiff_t j = width; j < columns; j++) {           /* what is left of a vector */
            REAL sum = bias ? bias[j] : 0;
            for (ptrdiff_t k = 0; k < m->depth; k++) sum += f->a[k * f->rows + i] * b[k * m->b_depth + j];
            out[j] = sum;
        }
    }
    leave(sums);
}

/* Four columns of b, each `depth` numbers in a row, times `rows` rows of a. */
static inline __attribute__((always_inline)) void dots(int rows, const matrices *m, ptrdiff_t column, int columns, ptrdiff_t row)
{
    const REAL *a = (const REAL *)m->a + row * m->a_row, *b = (const REAL *)m->b + column * m->b_column;
    ptrdiff_t step[STEPS], k = 0;
    vector s[STEPS][4] = {{{0}}};
    for (int c = 0; c < STEPS; c++) step[c] = c < columns ? c * m->b_column : 0;
    for (; k + LANES <= m->depth; k += LANES) {
        vector values[4];
#pragma GCC unroll 4
        for (int i = 0; i < rows; i++) values[i] = load(a + i * m->a_row + k);
#pragma GCC unroll 4
        for (int c = 0; c < STEPS; c++) {
            vector weights = load(b + step[c] + k);
#pragma GCC unroll 4
            for (int i = 0; i < rows; i++) s[c][i] += weights * values[i];
        }
    }
    for (int i = 0; i < rows; i++)
        for (int c = 0; c < columns; c++) {
            REAL sum = sum_of(s[c][i]) + (m->bias ? ((const REAL *)m->bias)[column + c] : 0);
            for (ptrdiff_t d = k; d < m->depth; d++) sum += a[i * m->a_row + d] * b[step[c] + d];
            ((REAL *)m->out)[(row + i) * m->columns + column + c] = sum;
        }
}

static void some_dots(void *context, int index)
{
    const few *f = context;
    const matrices *m = f->m;
    ptrdiff_t last = at_most((index + 1) * f->share, m->columns);
    for (ptrdiff_t j = index * f->share; j < last; j += STEPS)
        for (ptrdiff_t i = 0; i < m->rows;) {
            int columns = (int)at_most(STEPS, last - j);
            if (i + 4 <= m->rows) dots(4, m, j, columns, i), i += 4;
            else dots(1, m, j, columns, i), i++;
        }
}

int few_rows_win(const matrices *m)
{
    return m->rows <= MOST_ROWS && m->a_depth == 1 && m->depth >= 4 * LANES && m->columns >= LANES;
}

int few_rows(const matrices *m)
{
    few f = {.m = m, .rows = m->rows < 3 ? m->rows : m->rows < 5 ? 4 : 8};
    ptrdiff_t tasks = at_most(m->b_depth == 1 ? 4 * m->threads : m->threads, m->depth * m->columns / WORTH_A_TASK + 1);
    f.share = parts_of(parts_of(m->columns, tasks), COLUMNS) * COLUMNS;
    tasks = parts_of(m->columns, f.share);
    if (m->b_depth == 1) {
        run_tasks(some_dots, &f, (int)tasks, m->threads);
        return 0;
    }
    f.a = room(f.rows * m->depth, sizeof(REAL));
    if (!f.a) return -1;
    for (ptrdiff_t k = 0; k < m->depth; k++)
        for (ptrdiff_t i = 0; i < f.rows; i++)
            f.a[k * f.rows + i] = i < m->rows ? ((const REAL *)m->a)[i * m->a_row + k] : 0;
    run_tasks(some_columns, &f, (int)tasks, m->threads);
    leave(f.a);
    return f.failed ? -1 : 0;
}
