/* Rows of x as shallow convolutions read them: with zeros around them, and the columns that one tap meets side by side,
 * so that the values under neighbouring outputs are neighbours, too. Column k * stride + v of the padded image stands
 * in phase v of its row, at k. */
#ifndef SHALLOW_ROWS_H
#define SHALLOW_ROWS_H
#include "shallow.h"
#include "tile.h"

enum { ROW_ROOM = 512 << 10, SLACK = 4 * LANES };

typedef struct {
    ptrdiff_t width, row, plane, size;      /* of a phase's row, a row, a channel, the buffer with the line behind it */
    ptrdiff_t across, band, bands;          /* vectors in a row of outputs; rows of outputs in a buffer; buffers in an image */
} shallow_rows;

/* For bands of no more than `most` rows of outputs. */
static inline shallow_rows shallow_rows_of(const convolution *c, ptrdiff_t most)
{
    shallow_rows r = {.across = parts_of(c->out_width, LANES)};
    r.width = parts_of(r.across * LANES + (c->size_x - 1) * c->dilation_x / c->stride_x, LANES) * LANES;
    r.row = c->stride_x * r.width;
    ptrdiff_t below = (c->size_y - 1) * c->dilation_y;          /* rows that a band needs beyond its own */
    ptrdiff_t fitting = (ROW_ROOM / (ptrdiff_t)sizeof(REAL) / (c->channels * r.row) - below) / c->stride_y;
    r.band = at_most(c->out_height, at_most(most, fitting > 1 ? fitting : 1));
    r.bands = parts_of(c->out_height, r.band);
    r.plane = (r.band * c->stride_y + below) * r.row + LANES;
    r.size = c->channels * r.plane + r.row + c->pad_x + SLACK;
    return r;
}

/* Whether the buffer is no larger than is good for it. */
static inline int shallow_rows_fit(const convolution *c)
{
    if (c->channels > SHALLOW || c->stride_x > 16 || c->stride_y > 16 || c->images * c->out_height >= 1 << 30) return 0;
    return shallow_rows_of(c, 1).size * (ptrdiff_t)sizeof(REAL) <= 2 * ROW_ROOM;
}

/* Where the value under tap k of a channel stands, from the output's own place: row * stride_y * r->row + column. */
static inline ptrdiff_t shallow_offset(const convolution *c, const shallow_rows *r, ptrdiff_t channel, ptrdiff_t k)
{
    ptrdiff_t y = k / c->size_x * c->dilation_y, x = k % c->size_x * c->dilation_x;
    return channel * r->plane + y * r->row + x % c->stride_x * r->width + x / c->stride_x;
}

/* The line's columns apart, phase by phase. */
static inline void sort_line(const REAL *line, ptrdiff_t stride, ptrdiff_t width, REAL *to)
{
#if defined(__AVX512F__)
    if (stride == 2 && sizeof(REAL) == 4) {
        __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
        __m512i odd = _mm512_add_epi32(even, _mm512_set1_epi32(1));
        for (ptrdiff_t k = 0; k < width; k += LANES) {
            __m512i left = _mm512_loadu_si512(line + 2 * k), right = _mm512_loadu_si512(line + 2 * k + LANES);
            _mm512_storeu_si512(to + k, _mm512_permutex2var_epi32(left, even, right));
            _mm512_storeu_si512(to + width + k, _mm512_permutex2var_epi32(left, odd, right));
        }
        return;
    }
#endif
    for (ptrdiff_t v = 0; v < stride; v++)
        for (ptrdiff_t k = 0; k < width; k++) to[v * width + k] = line[k * stride + v];
}

/* The rows that `rows` rows of outputs from `first` on see in image n. */
static inline void fill_shallow_rows(const convolution *c, const shallow_rows *r, ptrdiff_t n, ptrdiff_t first, ptrdiff_t rows,
                                     REAL *buffer)
{
    ptrdiff_t below = (c->size_y - 1) * c->dilation_y, count = (rows - 1) * c->stride_y + below + 1;
    REAL *line = buffer + c->channels * r->plane;
    for (ptrdiff_t channel = 0; channel < c->channels; channel++) {
        const REAL *x = (const REAL *)c->x + (n * c->channels + channel) * c->height * c->width;
        for (ptrdiff_t i = 0, y = first * c->stride_y - c->pad_y; i < count; i++, y++) {
            REAL *to = buffer + channel * r->plane + i * r->row, *row = c->stride_x == 1 ? to : line;
            ptrdiff_t inside = y < 0 || y >= c->height ? 0 : c->width, k = 0;
            for (; k < c->pad_x && k < r->row; k += LANES) store(row + k, (vector){0});
            row += c->pad_x, k = 0;
            for (; k + LANES <= at_most(inside, r->row - c->pad_x); k += LANES) store(row + k, load(x + y * c->width + k));
            for (; k < r->row - c->pad_x; k += LANES) store(row + k, load_some(x + y * c->width + k, inside - k));
            if (c->stride_x > 1) sort_line(line, c->stride_x, r->width, to);
        }
    }
}
#endif
