#ifndef WORKERS_H
#define WORKERS_H
/* Runs task(context, 0 .. tasks-1), each once, on at most `threads` threads, the caller among them. Returns when all
 * are done. Which thread takes which task is open; what a task computes must not depend on it. */
void run_tasks(void (*task)(void *context, int index), void *context, int tasks, int threads);
#endif
