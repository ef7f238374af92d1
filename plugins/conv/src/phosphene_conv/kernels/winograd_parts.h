/* What goes into the products and what comes out: weights, patches, pixels; for any of the changes of basis. */
#ifndef WINOGRAD_PARTS_H
#define WINOGRAD_PARTS_H
#include "patches.h"
#include "transpose.h"
#ifndef WINOGRAD_BASIS
#define WINOGRAD_BASIS "winograd_basis.h"
#endif
#include WINOGRAD_BASIS

enum { SUMS = BASIS * TILE };
enum { MOST_ROWS = (ROWS + LANES - 1) / LANES * LANES };        /* whole vectors */

typedef struct {
    const product *job;
    product tiles;                      /* the grid of tiles, with the places of a patch as taps */
    tap taps[INPUTS * INPUTS];
    ptrdiff_t weight[9];                /* where w's tap (i, j) stands */
    REAL *weights;                      /* [sliver][block of channels][basis: weight_step][channel][ROWS], or NULL */
    ptrdiff_t weight_step, patch_step;  /* between elements of the basis, in packed weights and patches */
    ptrdiff_t slivers, panels, block, blocks, group, row_parts, sliver_share, panel_parts, panel_share;
    int failed;
} winograd;

/* A row of tiles is filled up to whole fours where few are wasted: they are packed quicker. */
static inline ptrdiff_t tiles_in_row(const product *job)
{
    ptrdiff_t tiles = parts_of(job->grid_width, OUTPUTS), fours = parts_of(tiles, 4) * 4;
    return 5 * fours <= 6 * tiles && SIDE == 6 ? fours : tiles;
}

/* The grid of tiles of `job`, whose taps are 3 x 3. */
static inline void lay_tiles(winograd *w, const product *job)
{
    ptrdiff_t y = job->taps[0].y, x = job->taps[0].x;
    for (int t = 1; t < 9; t++) y = at_most(y, job->taps[t].y), x = at_most(x, job->taps[t].x);
    w->job = job, w->tiles = *job;
    for (int t = 0; t < 9; t++) w->weight[3 * (job->taps[t].y - y) + job->taps[t].x - x] = job->taps[t].weight;
    for (int t = 0; t < INPUTS * INPUTS; t++) w->taps[t] = (tap){y + t / INPUTS, x + t % INPUTS, 0};
    w->tiles.taps = w->taps, w->tiles.tap_count = INPUTS * INPUTS, w->tiles.step_y = w->tiles.step_x = STEP;
    w->tiles.out_x = OUTPUTS, w->tiles.grid_height = parts_of(job->grid_height, OUTPUTS), w->tiles.grid_width = tiles_in_row(job);
}

/* The nine weights of ROWS filters, `row` apart, tap by tap. */
static inline void gather_taps(const REAL *from, ptrdiff_t row, ptrdiff_t rows, REAL (*taps)[MOST_ROWS])
{
#if defined(__AVX512F__)
    if (sizeof(REAL) == 4) {
        float square[16 * 16] __attribute__((aligned(64)));
        memset(square + 12 * 16, 0, 4 * 16 * sizeof(float));
        for (int i = 0; i < ROWS; i++)
            _mm512_store_ps(square + 16 * i, _mm512_maskz_loadu_ps(i < rows ? 0x1ff : 0, (const float *)from + i * row));
        transpose_16(square, 16, (float *)taps, MOST_ROWS);
        return;
    }
#endif
    for (ptrdiff_t i = 0; i < ROWS; i++)
        for (int t = 0; t < 9; t++) taps[t][i] = i < rows ? from[i * row + t] : 0;
}

/* Weights of one sliver for some channels: to[basis: weight_step apart][channel][ROWS]. */
static inline void pack_sliver(const winograd *w, ptrdiff_t sliver, ptrdiff_t first, ptrdiff_t channels, REAL *to)
{
    const product *job = w->job;
    ptrdiff_t rows = at_most(ROWS, job->rows - sliver * ROWS);
    REAL taps[16][MOST_ROWS] __attribute__((aligned(64))) = {{0}};
    for (ptrdiff_t c = 0; c < channels; c++, to += ROWS) {
        gather_taps(job->weights + sliver * ROWS * job->w_row + (first + c) * job->w_channel, job->w_row, rows, taps);
        for (int v = 0; v < ROWS; v += LANES) {
            REAL half[3 * SIDE * LANES] __attribute__((aligned(64)));
            REAL ordered[9 * LANES] __attribute__((aligned(64)));
            for (int t = 0; t < 9; t++) store(ordered + t * LANES, load(taps[w->weight[t]] + v));
            for (int j = 0; j < 3; j++) carry_weights(ordered + j * LANES, 3 * LANES, half + j * LANES, 3 * LANES, LANES);
            for (int i = 0; i < SIDE; i++)
                carry_weights(half + 3 * i * LANES, LANES, to + SIDE * i * w->weight_step + v, w->weight_step, ROWS - v);
        }
    }
}

/* Where tiles of the plain kind stand four by four in rows of the image: the change of basis along y runs over whole
 * rows of pixels, 4 * tiles + 2 of them, and only then are the columns sorted out. */
#if defined(__AVX512F__) && !defined(STRIDED)
enum { QUADS = COLUMNS / 4, ROW_ROOM = 8 * COLUMNS + LANES };

/* rows[i]: row i of the basis along y, over the pixels that `count` neighbouring tiles see. */
static inline void carry_rows(const winograd *w, const run *r, ptrdiff_t count, ptrdiff_t channel, REAL *rows)
{
    const product *job = &w->tiles;
    ptrdiff_t y = r->i * STEP + w->taps[0].y, x = r->j * STEP + w->taps[0].x;
    const REAL *from = job->image + ((r->n * job->channels + channel) * job->height + y) * job->width + x;
    for (ptrdiff_t at = 0; at < STEP * count + 2; at += LANES) {
        __mmask16 reads = inside(x + at, job->width);
        REAL d[SIDE * LANES] __attribute__((aligned(64)));
        for (int i = 0; i < SIDE; i++)
            store(d + i * LANES, (vector)_mm512_maskz_loadu_ps((size_t)(y + i) < (size_t)job->height ? reads : 0,
                                                               (const float *)from + i * job->width + at));
        carry_patch(d, LANES, rows + at, ROW_ROOM);
    }
}

/* Columns 0 ... 3 of sixteen tiles, from four pieces of four tiles each. */
static inline void sort_columns(const float *const *from, int skip, REAL *columns)
{
    const __m512i first = _mm512_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
    const __m512i second = _mm512_add_epi32(first, _mm512_set1_epi32(2));
    __m512 a = _mm512_loadu_ps(from[0] + skip), b = _mm512_loadu_ps(from[1] + skip);
    __m512 c = _mm512_loadu_ps(from[2] + skip), d = _mm512_loadu_ps(from[3] + skip);
    __m512 left = _mm512_permutex2var_ps(a, second, b), right = _mm512_permutex2var_ps(c, second, d);
    store(columns + 2 * LANES, (vector)_mm512_shuffle_f32x4(left, right, 0x44));
    store(columns + 3 * LANES, (vector)_mm512_shuffle_f32x4(left, right, 0xee));
    if (skip) return;
    left = _mm512_permutex2var_ps(a, first, b), right = _mm512_permutex2var_ps(c, first, d);
    store(columns, (vector)_mm512_shuffle_f32x4(left, right, 0x44));
    store(columns + 1 * LANES, (vector)_mm512_shuffle_f32x4(left, right, 0xee));
}

static inline void pack_quads(const winograd *w, const panel *p, ptrdiff_t first, ptrdiff_t channels, REAL *to, ptrdiff_t next)
{
    REAL rows[SIDE * ROW_ROOM] __attribute__((aligned(64)));
    for (ptrdiff_t c = 0; c < channels; c++, to += next) {
        const float *quads[QUADS];
        REAL *room = rows;
        for (int q = 0; q < p->run_count;) {           /* runs of four, some in one row of tiles */
            int last = q + 1;
            while (last < p->run_count && p->runs[last].j > p->runs[q].j) last++;
            carry_rows(w, p->runs + q, 4 * (last - q), first + c, room);
            for (int k = q; k < last; k++) quads[k] = (const float *)room + 16 * (k - q);
            room += 16 * (last - q) + LANES;
            q = last;
        }
        for (int q = p->run_count; q < QUADS; q++) quads[q] = quads[0];
        for (int v = 0; v < 2; v++)
            for (int i = 0; i < SIDE; i++) {
                const float *from[4];
                REAL d[SIDE * LANES] __attribute__((aligned(64)));
                for (int q = 0; q < 4; q++) from[q] = quads[4 * v + q] + i * ROW_ROOM;
                sort_columns(from, 2, d + 2 * LANES);
                sort_columns(from, 0, d);
                carry_patch(d, LANES, to + SIDE * i * w->patch_step + v * LANES, w->patch_step);
            }
    }
}
#endif

/* Where a tile is a whole image (deep layers): sixteen images' planes are read from end to end and turned, so that images
 * a power of two apart do not push each other out of the cache tap by tap. */
#if defined(__AVX512F__)
static inline int planes_are_tiles(const winograd *w)
{
    return sizeof(REAL) == 4 && w->tiles.grid_height == 1 && w->tiles.grid_width == 1 && w->tiles.height <= INPUTS
           && w->tiles.width <= INPUTS && w->taps[0].y <= 0 && w->taps[0].x <= 0
           && w->tiles.height - w->taps[0].y <= INPUTS && w->tiles.width - w->taps[0].x <= INPUTS;
}

static inline void pack_planes(const winograd *w, const panel *p, ptrdiff_t first, ptrdiff_t channels, REAL *to, ptrdiff_t next)
{
    const product *job = &w->tiles;
    ptrdiff_t plane = job->height * job->width, image = job->channels * plane;
    REAL patch[INPUTS * INPUTS * LANES] __attribute__((aligned(64))) = {0};
    for (int v = 0; v < 2; v++) {
        ptrdiff_t n = p->runs[0].n + v * LANES, images = at_most(LANES, job->images - n);
        for (ptrdiff_t c = 0; c < channels && images > 0; c++) {
            const float *from = (const float *)job->image + n * image + (first + c) * plane;
            REAL half[SIDE * INPUTS * LANES] __attribute__((aligned(64)));
            for (ptrdiff_t q = 0; q < plane; q += 16) {
                float rows[256] __attribute__((aligned(64))), turned[256] __attribute__((aligned(64)));
                ptrdiff_t pixels = at_most(16, plane - q);
                __mmask16 reads = (__mmask16)((1u << pixels) - 1);
                for (ptrdiff_t l = 0; l < 16; l++)
                    _mm512_store_ps(rows + 16 * l, _mm512_maskz_loadu_ps(l < images ? reads : 0, from + l * image + q));
                transpose_16(rows, 16, turned, 16);
                for (ptrdiff_t k = 0, y = q / job->width, x = q % job->width; k < pixels; k++) {
                    store(patch + ((y - w->taps[0].y) * INPUTS + x - w->taps[0].x) * LANES, load((REAL *)turned + 16 * k));
                    if (++x == job->width) x = 0, y++;
                }
            }
            for (int j = 0; j < INPUTS; j++) carry_patch(patch + j * LANES, INPUTS * LANES, half + j * LANES, INPUTS * LANES);
            for (int i = 0; i < SIDE; i++)
                carry_patch(half + INPUTS * i * LANES, LANES, to + c * next + SIDE * i * w->patch_step + v * LANES, w->patch_step);
        }
    }
}
#endif

/* A panel's patches for some channels: to[basis: patch_step apart][channel: next apart][COLUMNS]. */
static inline void pack_panel(const winograd *w, const panel *p, ptrdiff_t first, ptrdiff_t channels, REAL *to, ptrdiff_t next)
{
    ptrdiff_t plane = w->tiles.height * w->tiles.width;
#if defined(__AVX512F__)
    if (planes_are_tiles(w)) {
        pack_planes(w, p, first, channels, to, next);
        return;
    }
#endif
#if defined(__AVX512F__) && !defined(STRIDED)
    if (sizeof(REAL) == 4 && w->tiles.grid_width % 4 == 0) {
        pack_quads(w, p, first, channels, to, next);
        return;
    }
#endif
    for (ptrdiff_t c = 0; c < channels; c++, to += next) {
        REAL patch[INPUTS * INPUTS * COLUMNS] __attribute__((aligned(64)));
        for (int t = 0; t < INPUTS * INPUTS; t++)
            pack_row(&w->tiles, p, p->fills + t * p->run_count, (first + c) * plane, patch + t * COLUMNS);
        for (int v = 0; v < COLUMNS; v += LANES) {
            REAL half[SIDE * INPUTS * LANES] __attribute__((aligned(64)));
            for (int j = 0; j < INPUTS; j++)
                carry_patch(patch + j * COLUMNS + v, INPUTS * COLUMNS, half + j * LANES, INPUTS * LANES);
            for (int i = 0; i < SIDE; i++)
                carry_patch(half + INPUTS * i * LANES, LANES, to + SIDE * i * w->patch_step + v, w->patch_step);
        }
    }
}

/* OUTPUTS vectors, the columns of LANES tiles' row, as LANES times OUTPUTS neighbours. */
static inline void interleave(const vector *columns, REAL *restrict to)
{
#if defined(__AVX512F__)
    if (sizeof(REAL) == 4 && OUTPUTS == 4) {
        __m512 a = (__m512)columns[0], b = (__m512)columns[1], c = (__m512)columns[2], d = (__m512)columns[3];
        __m512d ab = (__m512d)_mm512_unpacklo_ps(a, b), cd = (__m512d)_mm512_unpacklo_ps(c, d);
        __m512d AB = (__m512d)_mm512_unpackhi_ps(a, b), CD = (__m512d)_mm512_unpackhi_ps(c, d);
        __m512 t0 = (__m512)_mm512_unpacklo_pd(ab, cd), t1 = (__m512)_mm512_unpackhi_pd(ab, cd);
        __m512 t2 = (__m512)_mm512_unpacklo_pd(AB, CD), t3 = (__m512)_mm512_unpackhi_pd(AB, CD);
        __m512 p = _mm512_shuffle_f32x4(t0, t1, 0x44), q = _mm512_shuffle_f32x4(t2, t3, 0x44);
        __m512 r = _mm512_shuffle_f32x4(t0, t1, 0xee), s = _mm512_shuffle_f32x4(t2, t3, 0xee);
        _mm512_storeu_ps((float *)to, _mm512_shuffle_f32x4(p, q, 0x88));
        _mm512_storeu_ps((float *)to + 16, _mm512_shuffle_f32x4(p, q, 0xdd));
        _mm512_storeu_ps((float *)to + 32, _mm512_shuffle_f32x4(r, s, 0x88));
        _mm512_storeu_ps((float *)to + 48, _mm512_shuffle_f32x4(r, s, 0xdd));
        return;
    }
#endif
    for (int l = 0; l < LANES; l++)
        for (int j = 0; j < OUTPUTS; j++) to[l * OUTPUTS + j] = columns[j][l];
}

/* One sliver's sums (basis, ROWS, COLUMNS) back to pixels, scaled, shifted, rectified, and out. */
static inline void finish_tiles(const winograd *w, const panel *p, ptrdiff_t first_row, const REAL *sums)
{
    const product *job = w->job;
    ptrdiff_t rows = at_most(ROWS, job->rows - first_row);
    for (ptrdiff_t i = 0; i < rows; i++, sums += COLUMNS) {
        ptrdiff_t row = first_row + i;
        REAL pixels[OUTPUTS][OUTPUTS * COLUMNS + LANES] __attribute__((aligned(64)));  /* read in whole vectors */
        for (int v = 0; v < 2; v++) {
            REAL half[OUTPUTS * SIDE * LANES] __attribute__((aligned(64)));
            for (int j = 0; j < SIDE; j++)
                carry_back(sums + j * TILE + v * LANES, SIDE * TILE, half + j * LANES, SIDE * LANES);
            for (int y = 0; y < OUTPUTS; y++) {
                REAL columns[OUTPUTS * LANES] __attribute__((aligned(64)));
                vector out[OUTPUTS];
                carry_back(half + y * SIDE * LANES, LANES, columns, LANES);
                for (int x = 0; x < OUTPUTS; x++) {
                    out[x] = load(columns + x * LANES);
                    if (job->scale) out[x] *= job->scale[row];
                    if (job->shift) out[x] += job->shift[row];
                    if (job->relu) out[x] = rectified(out[x]);
                }
                interleave(out, pixels[y] + v * OUTPUTS * LANES);
            }
        }
        for (int r = 0; r < p->run_count; r++) {
            const run *part = p->runs + r;
            ptrdiff_t y = part->i * OUTPUTS, x = part->j * OUTPUTS;
            ptrdiff_t height = at_most(OUTPUTS, job->grid_height - y);
            ptrdiff_t width = at_most(part->count * OUTPUTS, job->grid_width - x);
            REAL *to = job->out + part->n * job->out_image + row * job->out_row + y * job->out_y + x;
            for (ptrdiff_t k = 0; k < height; k++, to += job->out_y)
                for (ptrdiff_t l = 0; l < width; l += LANES)
                    store_some(to + l, load(pixels[k] + part->lane * OUTPUTS + l), width - l);
        }
    }
}

#endif
