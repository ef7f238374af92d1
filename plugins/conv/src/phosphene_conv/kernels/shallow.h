/* Convolution of shallow images, those of few channels (a photograph's three). Packing patches into panels would cost as
 * much as what is done with them, so nothing is packed: tiles read their columns straight from rows of the image, which
 * lie in a buffer with zeros around them. */
#ifndef SHALLOW_H
#define SHALLOW_H
#include "product.h"

enum { SHALLOW = 4 };       /* channels at most */

#define shallow_forward_wins FOR_THIS_SET(shallow_forward_wins)
#define shallow_forward FOR_THIS_SET(shallow_forward)
int shallow_forward_wins(const convolution *c);
int shallow_forward(const convolution *c);

#define shallow_data_wins FOR_THIS_SET(shallow_data_wins)
#define shallow_data FOR_THIS_SET(shallow_data)
int shallow_data_wins(const convolution *c);
int shallow_data(const convolution *c);

#define shallow_weights_win FOR_THIS_SET(shallow_weights_win)
#define shallow_weights FOR_THIS_SET(shallow_weights)
int shallow_weights_win(const convolution *c);
int shallow_weights(const convolution *c);
#endif
