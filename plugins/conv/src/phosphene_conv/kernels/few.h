/* Convolution where few output points meet many weights: a single image's deep layers. Packing the weights would cost
 * more than using them, so each way reads or writes each weight once, where it lies. */
#ifndef FEW_H
#define FEW_H
#include "product.h"

#define few_forward_wins FOR_THIS_SET(few_forward_wins)
#define few_forward FOR_THIS_SET(few_forward)
int few_forward_wins(const product *job);
int few_forward(const product *job);

#define few_data_wins FOR_THIS_SET(few_data_wins)
#define few_data FOR_THIS_SET(few_data)
int few_data_wins(const convolution *c);
int few_data(const convolution *c);

#define few_weights_wins FOR_THIS_SET(few_weights_wins)
#define few_weights FOR_THIS_SET(few_weights)
int few_weights_wins(const product *job);                       /* `job` as for forward; dw takes w's place */
int few_weights(const product *job, const REAL *dy, REAL *dw);
#endif
