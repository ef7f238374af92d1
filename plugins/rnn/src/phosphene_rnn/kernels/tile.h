/* The register tile: up to TILE rows of a matrix product by PANEL columns, held in vector registers while the depth runs
 * by. AVX-512 has 32 registers: 14 x 2 are sums, two hold the columns' factors, one a row's, and both multiply-add ports
 * work in every cycle. AVX2 and SSE have 16: 6 x 2.
 *
 * Operands lie packed, as the tile reads them: a row tile as [depth][TILE], a panel as [depth][PANEL]. */
#ifndef TILE_H
#define TILE_H
#include "kernels.h"

#if defined(__AVX512F__)
#define VECTOR_BYTES 64
#define TILE 14
#elif defined(__AVX2__)
#define VECTOR_BYTES 32
#define TILE 6
#elif defined(__aarch64__)
#define VECTOR_BYTES 16
#define TILE 12
#else
#define VECTOR_BYTES 16
#define TILE 6
#endif

enum { LANES = VECTOR_BYTES / sizeof(REAL), PANEL = 2 * LANES };

typedef REAL vector __attribute__((vector_size(VECTOR_BYTES), aligned(__alignof__(REAL)), may_alias));

#ifdef IS_FLOAT
typedef int lane_number;
#else
typedef long long lane_number;
#endif
typedef lane_number lanes __attribute__((vector_size(VECTOR_BYTES)));

static inline vector load(const REAL *p) { return *(const vector *)p; }
static inline void store(REAL *p, vector v) { *(vector *)p = v; }

#define multiply_tile FOR_THIS_SET(multiply_tile)
#define pack_tile FOR_THIS_SET(pack_tile)
#define pack_panel FOR_THIS_SET(pack_panel)
#define turn_panel FOR_THIS_SET(turn_panel)

/* sums (rows x PANEL, dense) = or += the tile's first `rows` rows times the panel. */
void multiply_tile(int rows, ptrdiff_t depth, const REAL *a, const REAL *b, REAL *sums, int add);

/* to[k * width + i] = from[i][k], where the width is TILE or PANEL, for `count` rows and `depth` columns of `from`; rows past
 * `count` are zero. */
void pack_tile(const REAL *const *from, ptrdiff_t count, ptrdiff_t depth, REAL *to);
void pack_panel(const REAL *const *from, ptrdiff_t count, ptrdiff_t depth, REAL *to);

/* The way back: columns of a panel as rows, so far apart. */
void turn_panel(const REAL *panel, ptrdiff_t depth, ptrdiff_t count, REAL *to, ptrdiff_t apart);
#endif
