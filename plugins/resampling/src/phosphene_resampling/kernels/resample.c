/* A picture at another size by a separable filter: across and down, one after the other, each time rounded to a byte.
 *
 * Why it is fast. Down, a row of results is a sum of whole rows, each times one weight. Across, each result is a sum over
 * neighbours, and a vector of them would have to be added up in itself; so four rows are laid side by side, pixel by pixel, with
 * a spare byte after each three colours: 16 bytes that all take the same weight, and each lane of a vector is a result. Bytes
 * become 32-bit integers on their way into the multiplication; what is between the two passes is bytes, and stays in the
 * nearest cache.
 */
#include <string.h>
#include "kernels.h"
#include "room.h"
#if defined(__AVX2__)
#include <immintrin.h>
#endif

enum { ROWS = 4, GROUP = 4 * ROWS };            /* a pixel of four rows, side by side, has so many bytes */
enum { HALF = 1 << (WEIGHT_BITS - 1) };

static inline ptrdiff_t at_most(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

static inline int32_t rounded(int32_t total)
{
    total >>= WEIGHT_BITS;
    return total < 0 ? 0 : total > 255 ? 255 : total;
}

/* The sum of `length` groups of bytes, `step` apart, each times its weight. */
static inline void add_up(uint8_t *sum, const uint8_t *from, ptrdiff_t step, const int32_t *weights, ptrdiff_t length)
{
#if defined(__AVX512F__)
    __m512i total = _mm512_set1_epi32(HALF);
    for (ptrdiff_t t = 0; t < length; t++, from += step) {
        __m512i group = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)from));
        total = _mm512_add_epi32(total, _mm512_mullo_epi32(group, _mm512_set1_epi32(weights[t])));
    }
    total = _mm512_max_epi32(_mm512_srai_epi32(total, WEIGHT_BITS), _mm512_setzero_si512());
    _mm_storeu_si128((__m128i *)sum, _mm512_cvtusepi32_epi8(total));
#elif defined(__AVX2__)
    __m256i low = _mm256_set1_epi32(HALF), high = low;
    for (ptrdiff_t t = 0; t < length; t++, from += step) {
        __m256i first = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)from));
        __m256i second = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(from + 8)));
        low = _mm256_add_epi32(low, _mm256_mullo_epi32(first, _mm256_set1_epi32(weights[t])));
        high = _mm256_add_epi32(high, _mm256_mullo_epi32(second, _mm256_set1_epi32(weights[t])));
    }
    __m256i both = _mm256_packs_epi32(_mm256_srai_epi32(low, WEIGHT_BITS), _mm256_srai_epi32(high, WEIGHT_BITS));
    both = _mm256_packus_epi16(both, both);     /* bytes 0-3 and 8-11 in its lower half, 4-7 and 12-15 in the upper */
    _mm_storeu_si128((__m128i *)sum, _mm_unpacklo_epi32(_mm256_castsi256_si128(both), _mm256_extracti128_si256(both, 1)));
#else
    int32_t total[GROUP];
    for (int l = 0; l < GROUP; l++) total[l] = HALF;
    for (ptrdiff_t t = 0; t < length; t++, from += step)
        for (int l = 0; l < GROUP; l++) total[l] += from[l] * weights[t];
    for (int l = 0; l < GROUP; l++) sum[l] = (uint8_t)rounded(total[l]);
#endif
}

/* `count` pixels of four rows, side by side. The spare byte is whatever comes next. */
static void lay_side_by_side(uint8_t *groups, const uint8_t *const rows[ROWS], ptrdiff_t count)
{
    for (int r = 0; r < ROWS; r++) {
        const uint8_t *from = rows[r];
        uint8_t *to = groups + 4 * r;
        for (ptrdiff_t x = 0; x < count - 1; x++, from += 3, to += GROUP) memcpy(to, from, 4);
        memcpy(to, from, 3);                    /* after the very last pixel there is no byte */
        to[3] = 0;
    }
}

/* Rows of pixels, `step` bytes apart, at their new width; `from` is the first pixel that counts. `to` has room for whole fours
 * of rows, and in each for a byte more; `groups` for `taps` pixels more, whose weights are zero. */
static void go_across(uint8_t *to, ptrdiff_t to_step, const uint8_t *from, ptrdiff_t step, ptrdiff_t count, const axis *across,
                      uint8_t *groups)
{
    const ptrdiff_t pixels = end_of(across) - across->first[0], wide = across->count, taps = across->taps;
    const int32_t *first = across->first;
    memset(groups + pixels * GROUP, 0, taps * GROUP);
    for (ptrdiff_t y = 0; y < count; y += ROWS) {
        const uint8_t *rows[ROWS];
        for (int r = 0; r < ROWS; r++) rows[r] = from + at_most(y + r, count - 1) * step;
        lay_side_by_side(groups, rows, pixels);
        uint8_t *line = to + y * to_step, four[GROUP];
        const int32_t *weights = across->weights;
        for (ptrdiff_t x = 0; x < wide; x++, line += 3, weights += taps) {
            add_up(four, groups + (first[x] - first[0]) * GROUP, GROUP, weights, taps);
            for (int r = 0; r < ROWS; r++) memcpy(line + r * to_step, four + 4 * r, 4);   /* the next covers the spare byte */
        }
    }
}

/* `width` columns of bytes at their new height; `from` is the first row that counts. */
static void go_down(uint8_t *to, ptrdiff_t to_step, const uint8_t *from, ptrdiff_t step, ptrdiff_t width, const axis *down)
{
    for (ptrdiff_t y = 0; y < down->count; y++, to += to_step) {
        const uint8_t *rows = from + (down->first[y] - down->first[0]) * step;
        const int32_t *weights = down->weights + y * down->taps;
        const ptrdiff_t length = down->length[y];
        ptrdiff_t x = 0;
        for (; x + GROUP <= width; x += GROUP) add_up(to + x, rows + x, step, weights, length);
        for (; x < width; x++) {
            int32_t total = HALF;
            for (ptrdiff_t t = 0; t < length; t++) total += rows[t * step + x] * weights[t];
            to[x] = (uint8_t)rounded(total);
        }
    }
}

int FOR_THIS_SET(resample)(const uint8_t *picture, ptrdiff_t width, const axis *across, const axis *down, int down_first,
                           uint8_t *planes)
{
    const ptrdiff_t wide = across->count, high = down->count;
    const ptrdiff_t pixels = end_of(across) - across->first[0], lines = down_first ? high : end_of(down) - down->first[0];
    const ptrdiff_t step = 3 * width, between_step = down_first ? 3 * pixels : 3 * wide + 1, done_step = 3 * wide + 1;
    const ptrdiff_t groups_size = (pixels + across->taps) * GROUP, between_size = (lines + ROWS) * between_step;
    uint8_t *groups = room(groups_size + between_size + (high + ROWS) * done_step, 1);
    if (!groups) return -1;
    uint8_t *between = groups + groups_size, *done = between + between_size;

    picture += down->first[0] * step + 3 * across->first[0];
    if (down_first) {
        go_down(between, between_step, picture, step, 3 * pixels, down);
        go_across(done, done_step, between, between_step, lines, across, groups);
    } else {
        go_across(between, between_step, picture, step, lines, across, groups);
        go_down(done, done_step, between, between_step, 3 * wide, down);
    }
    for (int c = 0; c < 3; c++)
        for (ptrdiff_t y = 0; y < high; y++) {
            uint8_t *restrict to = planes + (c * high + y) * wide;
            for (ptrdiff_t x = 0; x < wide; x++) to[x] = done[y * done_step + 3 * x + c];
        }
    leave(groups);
    return 0;
}
