/* A small pool of threads, one for the process.
 *
 * Why not OpenMP: its threads spin for milliseconds after each region, beside those of numpy's BLAS, which wants the
 * same cores next; the setting that stops it (OMP_WAIT_POLICY) is the whole process's and read only once; each Python
 * thread that calls gets a team of its own; and a child made by fork() hangs in it. These threads spin for some
 * microseconds, then sleep; a second caller finds the pool taken and does its work alone; a forked child starts afresh.
 *
 * Why one for the process: each plugin is a library of its own, and the threads of one that just finished would spin
 * beside those of the next. So the first module that is loaded lends its pool to the others, through a capsule in
 * phosphene_core.threads.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdlib.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif
#include "workers.h"

#if defined(_WIN32)
static void run_here(void (*task)(void *, int), void *context, int tasks, int threads)
{
    (void)threads;
    for (int i = 0; i < tasks; i++) task(context, i);
}
#else
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>

enum { MOST = 256, SPINS = 12000 };

static pthread_mutex_t owner = PTHREAD_MUTEX_INITIALIZER;   /* held by the caller whose job this is */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;    /* guards sleeping and waking */
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER, done = PTHREAD_COND_INITIALIZER;

static struct {
    void (*task)(void *, int);
    void *context;
    int tasks;
} job;
static atomic_int next_task;       /* the first task that nobody took */
static atomic_int seats;           /* how many helpers may still join this job; none once the caller closes it */
static atomic_int left;            /* helpers that joined and are done */
static atomic_uint generation;     /* counts jobs; a change is the call to work */
enum { KEPT_APART = 16 };
static int helpers;                /* threads made so far */
static pthread_t threads_made[KEPT_APART];
static int apart_from = -1;        /* the processor that helpers keep away from */

static inline void pause_briefly(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static void work(void)
{
    int i;
    while ((i = atomic_fetch_add(&next_task, 1)) < job.tasks) job.task(job.context, i);
}

static void *helper(void *born)
{
    unsigned seen = (unsigned)(uintptr_t)born;
    for (;;) {
        for (int i = 0; i < SPINS && atomic_load(&generation) == seen; i++) pause_briefly();
        if (atomic_load(&generation) == seen) {
            pthread_mutex_lock(&lock);
            while (atomic_load(&generation) == seen) pthread_cond_wait(&wake, &lock);
            pthread_mutex_unlock(&lock);
        }
        seen = atomic_load(&generation);
        if (atomic_fetch_sub(&seats, 1) <= 0) continue;        /* too late, or not needed */
        work();
        pthread_mutex_lock(&lock);
        atomic_fetch_add(&left, 1);
        pthread_cond_signal(&done);
        pthread_mutex_unlock(&lock);
    }
    return 0;
}

/* Threads do not live on in a forked child: forget them, and forget who held the locks. */
static void forget(void)
{
    pthread_mutex_init(&owner, 0);
    pthread_mutex_init(&lock, 0);
    pthread_cond_init(&wake, 0);
    pthread_cond_init(&done, 0);
    helpers = 0;
    apart_from = -1;
}

static void hire(int wanted)
{
    static int registered;
    if (!registered) registered = !pthread_atfork(0, 0, forget);
    for (; helpers < wanted; helpers++) {
        pthread_t thread;
        if (pthread_create(&thread, 0, helper, (void *)(uintptr_t)atomic_load(&generation))) break;
        if (helpers < KEPT_APART) threads_made[helpers] = thread;
        apart_from = -1;
        pthread_detach(thread);
    }
}

/* A helper that slept may be woken on the caller's own processor and wait there, behind the caller, while another one
 * idles: seen on Linux, for milliseconds, on every second call. So helpers may not run where the caller runs. */
static void keep_apart(void)
{
#if defined(__linux__)
    cpu_set_t allowed;
    int here = sched_getcpu();
    if (here < 0 || here == apart_from || helpers > KEPT_APART || sched_getaffinity(0, sizeof allowed, &allowed)) return;
    CPU_CLR(here, &allowed);
    if (CPU_COUNT(&allowed) == 0) return;
    for (int i = 0; i < helpers; i++) pthread_setaffinity_np(threads_made[i], sizeof allowed, &allowed);
    apart_from = here;
#endif
}

static void run_here(void (*task)(void *, int), void *context, int tasks, int threads)
{
    int wanted = (threads < tasks ? threads : tasks) - 1;
    if (wanted > MOST) wanted = MOST;
    if (wanted <= 0 || pthread_mutex_trylock(&owner)) {
        for (int i = 0; i < tasks; i++) task(context, i);
        return;
    }
    if (helpers < wanted) hire(wanted);
    keep_apart();
    job.task = task, job.context = context, job.tasks = tasks;
    atomic_store(&next_task, 1);
    atomic_store(&left, 0);
    atomic_store(&seats, wanted);
    pthread_mutex_lock(&lock);
    atomic_fetch_add(&generation, 1);
    pthread_cond_broadcast(&wake);
    pthread_mutex_unlock(&lock);
    task(context, 0);                                          /* always its own: what it has in its cache it finds there again */
    work();
    int open = atomic_exchange(&seats, 0);                     /* close: who has not come yet is not waited for */
    int joined = wanted - (open > 0 ? open : 0);
    for (int i = 0; i < SPINS && atomic_load(&left) < joined; i++) pause_briefly();
    pthread_mutex_lock(&lock);
    while (atomic_load(&left) < joined) pthread_cond_wait(&done, &lock);
    pthread_mutex_unlock(&lock);
    pthread_mutex_unlock(&owner);
}
#endif

static struct pool { void (*run)(void (*)(void *, int), void *, int, int); } own = {run_here}, *chosen = &own;

void run_tasks(void (*task)(void *, int), void *context, int tasks, int threads)
{
    chosen->run(task, context, tasks, threads);
}

/* Arrays of some megabytes come and go with every layer. Left alone, glibc hands their pages back to the system and
 * takes fresh ones for the next, which costs a fifth of a training step; so it may keep 128 MiB that are free. Whoever has
 * set its environment variables has the say. */
static void keep_pages(void)
{
#if defined(__GLIBC__)
    if (getenv("MALLOC_TRIM_THRESHOLD_") || getenv("MALLOC_MMAP_THRESHOLD_") || getenv("GLIBC_TUNABLES")) return;
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 128 << 20);
#endif
}

int join_workers(void)
{
    const char *name = "phosphene.workers.1";   /* the number changes if `struct pool` ever does */
    PyObject *module = PyImport_ImportModule("phosphene_core.threads");
    PyObject *pool = module ? PyObject_GetAttrString(module, "pool") : 0;
    int failed = !pool;
    if (pool == Py_None) {
        PyObject *capsule = PyCapsule_New(&own, name, 0);
        failed = !capsule || PyObject_SetAttrString(module, "pool", capsule);
        keep_pages();
        Py_XDECREF(capsule);
    } else if (pool && PyCapsule_IsValid(pool, name)) {
        chosen = PyCapsule_GetPointer(pool, name);
    }
    Py_XDECREF(pool);
    Py_XDECREF(module);
    return failed ? -1 : 0;
}
