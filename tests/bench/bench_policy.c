/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One decision judged, signature included, under policies of 1 to 1000 rules, under one that fills its entry, and
 * with up to 10000 people. Goals P1 to P3 and P6.
 *
 * usage: bench_policy DIRECTORY      the directory is not used
 */
#include <unistd.h>

#include "bench.h"
#include "support/author_change.h"

enum { ROUNDS = 15, SLICE = 200, STATE_BYTES = 512 << 20, RULES_MAX = 1000, PEOPLE_MAX = 10000, RULES_TEXT = 30000 };

enum shape { BARE, MIXED, ALL_ASK };

#define TWO                                                                                                            \
    "{\"id\":\"production\",\"require\":{\"seats\":[{\"count\":1,\"id\":\"business\",\"role\":\"business\"},"          \
    "{\"count\":1,\"id\":\"tech\",\"role\":\"tech\"}]}}"

static void must(bool holds, const char *what)
{
    if (!holds) {
        (void)fprintf(stderr, "bench_policy: %s\n", what);
        _exit(1);
    }
}

/* A log whose next entry is a decision. */
struct bed {
    struct author_log *log;
    struct judge judge; /* of all but the decision */
    struct span decision;
};

/* MIXED: every tenth rule applies and asks for a field. ALL_ASK: each one does. BARE: all apply and ask for nothing, so
 * that 1000 fit an entry. */
static void put_rule(struct writer *w, unsigned i, enum shape shape)
{
    char text[160];

    switch (shape) {
    case BARE:
        (void)snprintf(text, sizeof(text), ",{\"id\":\"r%u\",\"require\":{}}", i);
        break;
    case ALL_ASK:
        (void)snprintf(text, sizeof(text), ",{\"id\":\"r%u\",\"require\":{\"fields\":[\"title\"]}}", i);
        break;
    case MIXED:
        (void)snprintf(text, sizeof(text),
                       ",{\"id\":\"r%u\",\"require\":{\"fields\":[\"title\"]},\"when\":[{\"is\":[\"%s\",\"x%u\"],"
                       "\"name\":\"service\"}]}",
                       i, i % 10 == 0 ? "payments" : "ledger", i);
        break;
    }
    wr_text(w, text);
}

static void put_rules(struct writer *w, unsigned rules, enum shape shape)
{
    wr_text(w, TWO);
    for (unsigned i = 1; i < rules; i++) {
        put_rule(w, i, shape);
    }
}

/* As many rules as one entry holds. */
static unsigned most(enum shape shape)
{
    AUTO_WRITER w = wr_heap(RULES_TEXT);
    unsigned n = 1;

    wr_text(&w, TWO);
    while (wr_end(&w, "rules").code == CS_OK) {
        put_rule(&w, n++, shape);
    }
    return n - 2; /* the last did not fit, and there is a zero after them */
}

static void add_people(struct author_log *l, unsigned people)
{
    static const struct span tech = {(const uint8_t *)"tech", 4};
    struct roster_change *items = calloc(MODEL_CHANGES_MAX, sizeof(*items));
    char id[MODEL_CHANGES_MAX][16];

    must(items != NULL, "memory");
    for (unsigned done = 0; done < people;) {
        size_t n = 0;
        for (; n < MODEL_CHANGES_MAX && done < people; n++, done++) {
            (void)snprintf(id[n], sizeof(id[n]), "p%u", done);
            items[n] = (struct roster_change){.op = CHANGE_PUT_PERSON, .id = span_str(id[n])};
            items[n].person.id = items[n].id;
            items[n].person.roles[0] = tech;
            items[n].person.role_count = 1;
        }
        must(author_change_roster(l, items, n).allow, "roster");
    }
    free(items);
}

static void make(struct bed *b, unsigned rules, enum shape shape, unsigned people)
{
    AUTO_WRITER text = wr_heap(RULES_TEXT);
    uint64_t id = 0;

    b->log = author_log_new(JUDGE_PROVE, STATE_BYTES);
    must(b->log != NULL, "memory");
    author_log_standard(b->log);
    add_people(b->log, people);
    put_rules(&text, rules, shape);
    wr_u8(&text, '\0');
    must(wr_end(&text, "rules").code == CS_OK, "rules");
    must(author_change_policy(b->log, (const char *)wr_span(&text).p).allow, "policy");
    must(author_log_request(b->log, &(struct author_request){.title = "Release"}, &id).allow, "request");
    must(author_log_decide(b->log, "tom", id, "production/tech", DECISION_APPROVE, NULL, NULL).allow, "decision");
    must(judge_init(&b->judge, JUDGE_PROVE, STATE_BYTES).code == CS_OK, "memory");
    const uint64_t last = author_log_size(b->log) - 1;
    for (uint64_t i = 0; i < last; i++) {
        must(judge_entry(&b->judge, author_log_leaf(b->log, i), NULL).allow, "replay");
    }
    b->decision = author_log_leaf(b->log, last);
}

/* CPU milliseconds of one. */
static double judged_ms(struct bed *b)
{
    const double start = bench_cpu_s();
    for (unsigned i = 0; i < SLICE; i++) {
        must(judge_would(&b->judge, b->decision).allow, "judge");
    }
    return (bench_cpu_s() - start) * 1000 / SLICE;
}

enum { ONE, HALF, THOUSAND, REAL, MANY, ASK_HALF, ASK_MOST, BEDS };

static void measure(struct bed *beds, double ms[BEDS][ROUNDS])
{
    for (unsigned k = 0; k < BEDS; k++) {
        (void)judged_ms(&beds[k]);
    }
    for (unsigned i = 0; i < ROUNDS; i++) {
        for (unsigned k = 0; k < BEDS; k++) { /* in turns, from another one each round */
            const unsigned at = (i + k) % BEDS;
            ms[at][i] = judged_ms(&beds[at]);
        }
    }
}

int main(void)
{
    static const struct bench_goal goals[] = {
        {"P1", "a decision among 10000 people / among 10, 100 rules", BENCH_AT_MOST, 1.1, "nothing asks everybody"},
        {"P2", "the second 500 of 1000 rules / the first 500", BENCH_AT_MOST, 1.2, "each rule is looked at once"},
        {"P3", "a decision under 100 rules, milliseconds", BENCH_AT_MOST, 1.0, "the signature"},
        {"P6", "of the most rules that ask and fit an entry: the second half / the first", BENCH_AT_MOST, 1.2,
         "each line is written once and found by its name"},
    };
    enum { GOALS = sizeof(goals) / sizeof(goals[0]) };
    static double ms[BEDS][ROUNDS];
    double ratios[GOALS][ROUNDS];
    const unsigned full = most(ALL_ASK);
    struct bed *beds = calloc(BEDS, sizeof(*beds));
    bool met = true;

    must(beds != NULL, "memory");
    make(&beds[ONE], 1, BARE, 0);
    make(&beds[HALF], RULES_MAX / 2, BARE, 0);
    make(&beds[THOUSAND], RULES_MAX, BARE, 0);
    make(&beds[REAL], 100, MIXED, 0);
    make(&beds[MANY], 100, MIXED, PEOPLE_MAX);
    make(&beds[ASK_HALF], full / 2, ALL_ASK, 0);
    make(&beds[ASK_MOST], full, ALL_ASK, 0);
    measure(beds, ms);
    for (unsigned i = 0; i < ROUNDS; i++) {
        ratios[0][i] = ms[MANY][i] / ms[REAL][i];
        ratios[1][i] = (ms[THOUSAND][i] - ms[HALF][i]) / (ms[HALF][i] - ms[ONE][i]);
        ratios[2][i] = ms[REAL][i];
        ratios[3][i] = (ms[ASK_MOST][i] - ms[ASK_HALF][i]) / (ms[ASK_HALF][i] - ms[ONE][i]);
    }
    for (size_t g = 0; g < GOALS; g++) {
        met = bench_report(&goals[g], ratios[g], ROUNDS) && met;
    }
    bench_note("a decision under 1 rule", "ms", ms[ONE], ROUNDS);
    bench_note("a decision under 1000 rules that ask for nothing", "ms", ms[THOUSAND], ROUNDS);
    bench_note("a decision under as many rules that ask as fit", "ms", ms[ASK_MOST], ROUNDS);
    (void)printf("   they are %u; those with a condition, too: %u\n", full, most(MIXED));
    for (unsigned k = 0; k < BEDS; k++) {
        judge_release(&beds[k].judge);
        author_log_free(beds[k].log);
    }
    free(beds);
    return met ? 0 : 1;
}
