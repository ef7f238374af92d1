/* dy as it goes on behind the scale and rectifier that followed a convolution. */
#ifndef GATE_H
#define GATE_H
#include "kernels.h"

#define gated FOR_THIS_SET(gated)
REAL *gated(const convolution *c);      /* (images, filters, out_height, out_width); leave() it when done. NULL: no memory */
#endif
