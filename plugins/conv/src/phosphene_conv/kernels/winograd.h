/* 3 x 3 convolution at step 1 by minimal filtering, F(4 x 4, 3 x 3): 36 multiplications where the definition has 144.
 * Lavin and Gray 2016, after Winograd 1980. */
#ifndef WINOGRAD_H
#define WINOGRAD_H
#include "product.h"

#define winograd_wins FOR_THIS_SET(winograd_wins)
#define run_winograd FOR_THIS_SET(run_winograd)
int winograd_wins(const product *job);   /* whether the job is of this kind, and large enough to gain */
int run_winograd(const product *job);    /* as run_product; its float32 results err some ten times more */

/* Backward for weights; `job` as for forward, dw takes w's place. */
#define winograd_weights_win FOR_THIS_SET(winograd_weights_win)
#define winograd_weights FOR_THIS_SET(winograd_weights)
int winograd_weights_win(const product *job);
int winograd_weights(const product *job, const REAL *dy, REAL *dw);

/* The same at stride 2, forward, for weights, and (at pad 1) backward for data. */
#define strided_wins FOR_THIS_SET(strided_wins)
#define run_strided FOR_THIS_SET(run_strided)
#define strided_weights_win FOR_THIS_SET(strided_weights_win)
#define strided_weights FOR_THIS_SET(strided_weights)
#define strided_back_wins FOR_THIS_SET(strided_back_wins)
#define strided_back FOR_THIS_SET(strided_back)
int strided_wins(const product *job);
int run_strided(const product *job);
int strided_weights_win(const product *job);
int strided_weights(const product *job, const REAL *dy, REAL *dw);
int strided_back_wins(const convolution *c);
int strided_back(const convolution *c);
#endif
