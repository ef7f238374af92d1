/* Backward for data where x has few channels. */
#ifndef FEW_CHANNELS_H
#define FEW_CHANNELS_H
#include "product.h"

#define few_channels_wins FOR_THIS_SET(few_channels_wins)
#define few_channels FOR_THIS_SET(few_channels)
int few_channels_wins(const convolution *c);
int few_channels(const convolution *c);
#endif
