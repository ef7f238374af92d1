#ifndef PHOSPHENE_WORKERS_H
#define PHOSPHENE_WORKERS_H

/* Runs task(context, 0 .. tasks-1), each once, on at most `threads` threads, the caller among them. Returns when all
 * are done. The caller begins with task 0; who takes which of the others is open, and what a task computes must not depend on it.
 * Needs no GIL. */
void run_tasks(void (*task)(void *context, int index), void *context, int tasks, int threads);

/* Call this once, with the GIL, when the module is imported: from then on all of the process's modules run their tasks
 * on one pool, that of the module which came first. Returns -1 with a Python exception set if core is not there. */
int join_workers(void);
#endif
