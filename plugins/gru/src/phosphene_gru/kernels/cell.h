/* The GRU between its products (see ../cell.py, its specification). */
#ifndef CELL_H
#define CELL_H
#include <stddef.h>

#define FUNCTION(name, real, letter) \
    void gru_##name##_##letter(real **, ptrdiff_t, void (*)(real *, ptrdiff_t), void (*)(real *, ptrdiff_t));
#define CELL(real, letter) \
    FUNCTION(reset, real, letter) \
    FUNCTION(update, real, letter) \
    FUNCTION(update_back, real, letter) \
    FUNCTION(reset_back, real, letter)
CELL(float, f)
CELL(double, d)
#undef CELL
#undef FUNCTION
#endif
