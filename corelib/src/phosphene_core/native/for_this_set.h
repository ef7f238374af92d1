/* Names of what is compiled once for each instruction set and number type: FOR_THIS_SET(add) is add_v4_f where SUFFIX is _v4_f. */
#ifndef PHOSPHENE_FOR_THIS_SET_H
#define PHOSPHENE_FOR_THIS_SET_H

#define NAMED_(name, suffix) name##suffix
#define NAMED(name, suffix) NAMED_(name, suffix)
#define FOR_THIS_SET(name) NAMED(name, SUFFIX)
#endif
