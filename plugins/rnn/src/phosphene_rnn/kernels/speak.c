/* The likeliest word, again and again, from the first to the last of each sequence, without going back to Python: every thread
 * speaks for rows of its own and waits for nobody. Sequences that have ended drop out. */
#include "next_words.h"
#include "reader.h"
#include "workers.h"
#include <math.h>

static void say(void *context, int number)
{
    speaker *s = (speaker *)context + number;
    ptrdiff_t rows = s->rows;
    reader read = {0};
    next_words next = {0};
    s->failed = open_reader(&read, &s->read) | open_words(&next, &s->score, rows, 1, s->read.units, s->read.strassen) ? OUT_OF_MEMORY : 0;
    for (ptrdiff_t time = 0; time < s->length && rows && !s->failed; time++) {
        find_words(&next, read_words(&read, rows, time), rows, 0);
        if (next.unfit) s->failed |= UNFIT;
        ptrdiff_t going = 0;
        for (ptrdiff_t r = 0; r < rows; r++) {
            ptrdiff_t place = s->active[r] * s->length + time, word = next.have[r] ? next.words[r] : 0;    /* no number: the first */
            s->tokens[place] = word, s->log_probs[place] = next.have[r] ? log_share(&next, r, 0) : NAN;
            if (word == s->end) continue;
            s->read.parents[going] = r, s->read.words[going] = word, s->active[going++] = s->active[r];
        }
        rows = going;
    }
    close_words(&next), close_reader(&read);
}

#define speak FOR_THIS_SET(speak)
void speak(speaker *speakers, int count, int threads) { run_tasks(say, speakers, count, threads); }
