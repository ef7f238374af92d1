/* The LSTM between its products (see ../cell.py, its specification). */
#ifndef CELL_H
#define CELL_H
#include <stddef.h>

#define CELL(real, letter) \
    void lstm_forward_##letter(real **, ptrdiff_t, void (*)(real *, ptrdiff_t), void (*)(real *, ptrdiff_t)); \
    void lstm_backward_##letter(real **, ptrdiff_t, void (*)(real *, ptrdiff_t), void (*)(real *, ptrdiff_t));
CELL(float, f)
CELL(double, d)
#undef CELL
#endif
