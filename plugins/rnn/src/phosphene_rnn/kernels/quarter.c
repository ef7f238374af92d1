/* Panels made ready for products of many rows: what each four of them have combined (forty_nine.h). */
#include "strassen.h"
#include "whole.h"
#include "workers.h"

static void combine(void *context, int four)
{
    const quartering *q = context;
#ifdef IS_FLOAT
    if (q->whole) {
        combine_four_whole_panels((const int16_t *)q->panels + four * 8 * q->depth * PANEL, q->depth,
                                  (int16_t *)q->to + four * quartered_whole(q->depth, PANEL));
        return;
    }
#endif
    combine_four_panels((const REAL *)q->panels + four * 4 * q->depth * PANEL, q->depth, (REAL *)q->to + four * quartered_size(q->depth, PANEL));
}

static int can(const quartering *q)
{
#ifdef IS_FLOAT
    if (q->whole) return can_quarter_whole(q->depth);
#endif
    return !q->whole && can_quarter(q->depth);
}

#define quarter FOR_THIS_SET(quarter)
int quarter(const quartering *q)
{
    if (can(q)) run_tasks(combine, (void *)q, (int)(q->count / 4), q->threads);
    return can(q);
}
