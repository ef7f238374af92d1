/* Minimal filtering (see winograd.h). The output is cut into tiles of 4 x 4, each seen by a patch of 6 x 6. Patches,
 * weights and sums are carried to a basis of 36 in which convolution is a product of numbers:
 *
 *   tile = A' [ sum over channels of (G weights G') * (B' patch B) ] A
 *
 * so that 36 independent matrix products (rows x channels times channels x tiles) do the work, on the same register
 * tile as the direct way. COLUMNS tiles make a panel. Weights are carried over once per call, or, where all 36 would
 * be too large to be worth storing, for each group of panels just before their use.
 */
#include "winograd.h"
#include "patches.h"
#include "room.h"
#include "workers.h"

enum { SIDE = 6, BASIS = SIDE * SIDE, STEP = 4, SUMS = BASIS * TILE };
enum { CACHE = 1200 * 1024, STORE = 16 << 20, MOST_PANELS = 4 };

typedef struct {
    const product *job;
    product tiles;                      /* the grid of tiles, with the 36 places of a patch as taps */
    tap taps[BASIS];
    ptrdiff_t weight[9];                /* where w's tap (i, j) stands */
    REAL *weights;                      /* [sliver][block of channels][basis][channel][ROWS], or NULL */
    ptrdiff_t slivers, panels, block, group, row_parts, sliver_share, panel_parts, panel_share;
    int failed;
} winograd;

static inline ptrdiff_t at_most(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }
static inline ptrdiff_t parts_of(ptrdiff_t a, ptrdiff_t size) { return (a + size - 1) / size; }

/* The three changes of basis in one dimension; elements `step` vectors apart. */
static inline __attribute__((always_inline)) void carry_patch(const vector *d, int step, vector *o, int o_step)
{
    vector even = d[4 * step] - 4 * d[2 * step], odd = d[3 * step] - 4 * d[step];
    vector far = d[4 * step] - d[2 * step], twice = 2 * (d[3 * step] - d[step]);
    o[0] = 4 * d[0] - 5 * d[2 * step] + d[4 * step];
    o[o_step] = even + odd;
    o[2 * o_step] = even - odd;
    o[3 * o_step] = far + twice;
    o[4 * o_step] = far - twice;
    o[5 * o_step] = 4 * d[step] - 5 * d[3 * step] + d[5 * step];
}

static inline __attribute__((always_inline)) void carry_weights(const vector *g, int step, vector *o, int o_step)
{
    const REAL sixth = (REAL)1 / 6, part = (REAL)1 / 24;
    vector even = g[0] + g[2 * step], wide = g[0] + 4 * g[2 * step], twice = 2 * g[step];
    o[0] = (REAL)0.25 * g[0];
    o[o_step] = -sixth * (even + g[step]);
    o[2 * o_step] = -sixth * (even - g[step]);
    o[3 * o_step] = part * (wide + twice);
    o[4 * o_step] = part * (wide - twice);
    o[5 * o_step] = g[2 * step];
}

static inline __attribute__((always_inline)) void carry_back(const vector *m, int step, vector *o, int o_step)
{
    vector near = m[step] + m[2 * step], near_odd = m[step] - m[2 * step];
    vector far = m[3 * step] + m[4 * step], far_odd = m[3 * step] - m[4 * step];
    o[0] = m[0] + near + far;
    o[o_step] = near_odd + 2 * far_odd;
    o[2 * o_step] = near + 4 * far;
    o[3 * o_step] = near_odd + 8 * far_odd + m[5 * step];
}

/* Weights of one sliver for some channels: to[basis][channel][ROWS]. */
static void pack_sliver(const winograd *w, ptrdiff_t sliver, ptrdiff_t first, ptrdiff_t channels, REAL *to)
{
    enum { VECTORS = (ROWS + LANES - 1) / LANES };
    const product *job = w->job;
    ptrdiff_t rows = at_most(ROWS, job->rows - sliver * ROWS);
    for (ptrdiff_t c = 0; c < channels; c++, to += ROWS) {
        const REAL *from = job->weights + sliver * ROWS * job->w_row + (first + c) * job->w_channel;
        REAL lanes[9][VECTORS * LANES] __attribute__((aligned(64))) = {{0}};
        for (ptrdiff_t i = 0; i < rows; i++, from += job->w_row)
            for (int t = 0; t < 9; t++) lanes[t][i] = from[w->weight[t]];
        for (int v = 0; v < VECTORS; v++) {
            vector g[9], half[3 * SIDE], full[BASIS];
            for (int t = 0; t < 9; t++) g[t] = load(lanes[t] + v * LANES);
            for (int j = 0; j < 3; j++) carry_weights(g + j, 3, half + j, 3);
            for (int i = 0; i < SIDE; i++) carry_weights(half + 3 * i, 1, full + SIDE * i, 1);
            for (int b = 0; b < BASIS; b++) {
                size_t size = (v + 1 < VECTORS ? LANES : ROWS - v * LANES) * sizeof(REAL);
                memcpy(to + b * channels * ROWS + v * LANES, full + b, size);
            }
        }
    }
}

static void pack_weights(void *context, int sliver)
{
    const winograd *w = context;
    for (ptrdiff_t c = 0; c < w->job->channels; c += w->block)
        pack_sliver(w, sliver, c, at_most(w->block, w->job->channels - c),
                    w->weights + (sliver * w->job->channels + c) * BASIS * ROWS);
}

/* A panel's patches for some channels: to[basis][channel][COLUMNS]. */
static void pack_panel(const winograd *w, const panel *p, ptrdiff_t first, ptrdiff_t channels, fill *fills, REAL *to)
{
    ptrdiff_t plane = w->tiles.height * w->tiles.width;
    for (int t = 0; t < BASIS; t++) plan_tap(&w->tiles, p, w->taps + t, fills + t * COLUMNS);
    for (ptrdiff_t c = 0; c < channels; c++, to += COLUMNS) {
        REAL patch[BASIS * COLUMNS] __attribute__((aligned(64)));
        for (int t = 0; t < BASIS; t++)
            pack_row(&w->tiles, p, fills + t * COLUMNS, (first + c) * plane, patch + t * COLUMNS);
        for (int v = 0; v < 2; v++) {
            vector d[BASIS], half[BASIS];
            for (int t = 0; t < BASIS; t++) d[t] = load(patch + t * COLUMNS + v * LANES);
            for (int j = 0; j < SIDE; j++) carry_patch(d + j, SIDE, half + j, SIDE);
            for (int i = 0; i < SIDE; i++) carry_patch(half + SIDE * i, 1, d + SIDE * i, 1);
            for (int b = 0; b < BASIS; b++) store(to + b * channels * COLUMNS + v * LANES, d[b]);
        }
    }
}

/* Four vectors, the columns of LANES tiles' row, as LANES times four neighbours. */
static inline void interleave(const vector *columns, REAL *restrict to)
{
#if defined(__AVX512F__)
    if (sizeof(REAL) == 4) {
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
        for (int j = 0; j < STEP; j++) to[l * STEP + j] = columns[j][l];
}

/* One sliver's sums (basis, ROWS, COLUMNS) back to pixels, scaled, shifted, rectified, and out. */
static void finish(const winograd *w, const panel *p, ptrdiff_t first_row, const REAL *sums)
{
    const product *job = w->job;
    ptrdiff_t rows = at_most(ROWS, job->rows - first_row);
    for (ptrdiff_t i = 0; i < rows; i++, sums += COLUMNS) {
        ptrdiff_t row = first_row + i;
        REAL pixels[STEP][STEP * COLUMNS] __attribute__((aligned(64)));
        for (int v = 0; v < 2; v++) {
            vector m[BASIS], half[STEP * SIDE], out[STEP];
            for (int b = 0; b < BASIS; b++) m[b] = load(sums + b * TILE + v * LANES);
            for (int j = 0; j < SIDE; j++) carry_back(m + j, SIDE, half + j, SIDE);
            for (int y = 0; y < STEP; y++) {
                carry_back(half + y * SIDE, 1, out, 1);
                for (int x = 0; x < STEP; x++) {
                    if (job->scale) out[x] *= job->scale[row];
                    if (job->shift) out[x] += job->shift[row];
                    if (job->relu) out[x] = rectified(out[x]);
                }
                interleave(out, pixels[y] + v * STEP * LANES);
            }
        }
        for (int r = 0; r < p->run_count; r++) {
            const run *part = p->runs + r;
            ptrdiff_t y = part->i * STEP, x = part->j * STEP;
            ptrdiff_t height = at_most(STEP, job->grid_height - y), width = at_most(part->count * STEP, job->grid_width - x);
            REAL *to = job->out + part->n * job->out_image + row * job->out_row + y * job->out_y + x;
            for (ptrdiff_t k = 0; k < height; k++, to += job->out_y) {
                const REAL *from = pixels[k] + part->lane * STEP;
                if (width == LANES) store(to, load(from));
                else memcpy(to, from, width * sizeof(REAL));
            }
        }
    }
}

static void multiply(void *context, int index)
{
    winograd *w = context;
    const product *job = w->job;
    ptrdiff_t first_sliver = index % w->row_parts * w->sliver_share;
    ptrdiff_t slivers = at_most(w->sliver_share, w->slivers - first_sliver);
    ptrdiff_t first_panel = index / w->row_parts * w->panel_share;
    ptrdiff_t last_panel = at_most(first_panel + w->panel_share, w->panels);
    int whole = w->block >= job->channels;     /* all channels at once: only one tile's sums need be kept */
    if (slivers <= 0 || first_panel >= last_panel) return;

    panel *panels = malloc(w->group * sizeof *panels);
    fill *fills = room(BASIS * COLUMNS, sizeof *fills);
    REAL *patches = room(w->group * BASIS * w->block * COLUMNS, sizeof(REAL));
    REAL *sums = room((whole ? 1 : slivers * w->group) * SUMS, sizeof(REAL));
    REAL *fresh = room(w->weights ? 0 : BASIS * w->block * ROWS, sizeof(REAL));
    if (!panels || !fills || !patches || !sums || !fresh) __atomic_store_n(&w->failed, 1, __ATOMIC_RELAXED);
    else for (ptrdiff_t at = first_panel; at < last_panel; at += w->group) {
        ptrdiff_t count = at_most(w->group, last_panel - at);
        for (ptrdiff_t q = 0; q < count; q++) lay_out(panels + q, &w->tiles, (at + q) * COLUMNS);
        for (ptrdiff_t c = 0; c < job->channels; c += w->block) {
            ptrdiff_t channels = at_most(w->block, job->channels - c), patch = BASIS * channels * COLUMNS;
            for (ptrdiff_t q = 0; q < count; q++) pack_panel(w, panels + q, c, channels, fills, patches + q * patch);
            for (ptrdiff_t s = 0; s < slivers; s++) {
                const REAL *weights = fresh;
                if (w->weights) weights = w->weights + ((first_sliver + s) * job->channels + c) * BASIS * ROWS;
                else pack_sliver(w, first_sliver + s, c, channels, fresh);
                for (ptrdiff_t q = 0; q < count; q++) {
                    REAL *sum = sums + (whole ? 0 : (s * w->group + q) * SUMS);
                    for (int b = 0; b < BASIS; b++)
                        tile_product(channels, weights + b * channels * ROWS, 1, ROWS,
                                     patches + q * patch + b * channels * COLUMNS, sum + b * TILE, c > 0);
                    if (c + channels >= job->channels) finish(w, panels + q, (first_sliver + s) * ROWS, sum);
                }
            }
        }
    }
    free(fresh);
    free(sums);
    free(patches);
    free(fills);
    free(panels);
}

int winograd_wins(const product *job)
{
    if (job->tap_count != 9 || job->step_y != 1 || job->step_x != 1 || job->out_x != 1) return 0;
    ptrdiff_t y = job->taps[0].y, x = job->taps[0].x;
    for (int t = 1; t < 9; t++) {
        if (job->taps[t].y < y) y = job->taps[t].y;
        if (job->taps[t].x < x) x = job->taps[t].x;
    }
    int seen = 0;
    for (int t = 0; t < 9; t++) {
        ptrdiff_t i = job->taps[t].y - y, j = job->taps[t].x - x;
        if (i > 2 || j > 2) return 0;
        seen |= 1 << (3 * i + j);
    }
    if (seen != 0x1ff || job->channels < 16 || job->rows < 16) return 0;
    /* Cycles per weight, nearly: products, and carrying the weights over. */
    ptrdiff_t points = job->images * job->grid_height * job->grid_width;
    ptrdiff_t tiles = job->images * parts_of(job->grid_height, STEP) * parts_of(job->grid_width, STEP);
    return 9 * parts_of(points, COLUMNS) > 40 * parts_of(tiles, COLUMNS) + 20;
}

int run_winograd(const product *job)
{
    winograd w = {.job = job, .tiles = *job};
    ptrdiff_t y = job->taps[0].y, x = job->taps[0].x, threads = job->threads;
    for (int t = 1; t < 9; t++) y = at_most(y, job->taps[t].y), x = at_most(x, job->taps[t].x);
    for (int t = 0; t < 9; t++) w.weight[3 * (job->taps[t].y - y) + job->taps[t].x - x] = job->taps[t].weight;
    for (int t = 0; t < BASIS; t++) w.taps[t] = (tap){y + t / SIDE, x + t % SIDE, 0};
    w.tiles.taps = w.taps, w.tiles.tap_count = BASIS, w.tiles.step_y = w.tiles.step_x = STEP, w.tiles.out_x = STEP;
    w.tiles.grid_height = parts_of(job->grid_height, STEP), w.tiles.grid_width = parts_of(job->grid_width, STEP);

    w.slivers = parts_of(job->rows, ROWS);
    w.panels = parts_of(job->images * w.tiles.grid_height * w.tiles.grid_width, COLUMNS);
    ptrdiff_t by_panels = w.panels * 100 / (parts_of(w.panels, threads) * threads);
    ptrdiff_t by_slivers = w.slivers * 100 / (parts_of(w.slivers, threads) * threads);
    w.row_parts = by_panels + 3 >= by_slivers ? 1 : threads;
    w.sliver_share = parts_of(w.slivers, w.row_parts);
    w.panel_parts = w.row_parts > 1 ? 1 : at_most(w.panels, 4 * threads);
    w.panel_share = parts_of(w.panels, w.panel_parts);
    w.panel_parts = parts_of(w.panels, w.panel_share);

    /* As many channels as the cache holds of one panel's patches, then as many panels. */
    ptrdiff_t row = BASIS * COLUMNS * sizeof(REAL);
    w.block = at_most(job->channels, CACHE / row);
    if (w.block < job->channels) w.block = parts_of(job->channels, parts_of(job->channels, CACHE / 2 / row));
    w.group = at_most(at_most(w.panel_share, MOST_PANELS), CACHE / (row * w.block));
    if (w.group < 1) w.group = 1;

    ptrdiff_t size = BASIS * w.slivers * ROWS * job->channels;
    if (w.panels > w.group && size * (ptrdiff_t)sizeof(REAL) <= STORE) {
        w.weights = room(size, sizeof(REAL));
        if (!w.weights) return -1;
        run_tasks(pack_weights, &w, (int)w.slivers, job->threads);
    }
    run_tasks(multiply, &w, (int)(w.row_parts * w.panel_parts), job->threads);
    free(w.weights);
    return w.failed ? -1 : 0;
}
