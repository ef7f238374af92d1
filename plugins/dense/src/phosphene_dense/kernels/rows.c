/* The largest number of a row, and the sum of a row, in lanes. */
#include "rows.h"

enum { LANES = 64 / sizeof(REAL) };

REAL FOR_THIS_SET(row_largest)(const REAL *row, ptrdiff_t count)
{
    REAL lanes[LANES], most;
    ptrdiff_t i = 0;
    for (int j = 0; j < LANES; j++) lanes[j] = row[0];
    for (; i + LANES <= count; i += LANES)
        for (int j = 0; j < LANES; j++) lanes[j] = row[i + j] > lanes[j] ? row[i + j] : lanes[j];
    most = lanes[0];
    for (int j = 1; j < LANES; j++) most = lanes[j] > most ? lanes[j] : most;
    for (; i < count; i++) most = row[i] > most ? row[i] : most;
    return most;
}

REAL FOR_THIS_SET(row_sum)(const REAL *row, ptrdiff_t count)
{
    REAL sum = 0;
    for (ptrdiff_t i = 0; i < count; i++) sum += row[i];
    return sum;
}
