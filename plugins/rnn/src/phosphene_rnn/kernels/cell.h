/* The vanilla cell between its products (see ../vanilla.py, its specification). */
#ifndef CELL_H
#define CELL_H
#include <stddef.h>

#define CELL(real, letter) \
    void vanilla_forward_##letter(real **, ptrdiff_t, void (*)(real *, ptrdiff_t), void (*)(real *, ptrdiff_t)); \
    void vanilla_backward_##letter(real **, ptrdiff_t, void (*)(real *, ptrdiff_t), void (*)(real *, ptrdiff_t));
CELL(float, f)
CELL(double, d)
#undef CELL
#endif
