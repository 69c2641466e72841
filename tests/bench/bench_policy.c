/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One decision judged, signature included, under policies of 1, 100 and 1000 rules and with up to 10000 people. Goals
 * P1 to P3.
 *
 * usage: bench_policy DIRECTORY      the directory is not used
 */
#include <unistd.h>

#include "bench.h"
#include "support/author_change.h"

enum { ROUNDS = 15, SLICE = 200, STATE_BYTES = 512 << 20, RULES_MAX = 1000, PEOPLE_MAX = 10000, RULES_TEXT = 30000 };

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

/* Every tenth rule applies and asks for a field; `bare`: all apply and ask for nothing, so that 1000 fit an entry. */
static void put_rules(struct writer *w, unsigned rules, bool bare)
{
    wr_text(w, TWO);
    for (unsigned i = 1; i < rules; i++) {
        char text[160];
        (void)snprintf(text, sizeof(text),
                       bare
                           ? ",{\"id\":\"r%u\",\"require\":{}}"
                           : ",{\"id\":\"r%u\",\"require\":{\"fields\":[\"title\"]},\"when\":[{\"is\":[\"%s\",\"x%u\"],"
                             "\"name\":\"service\"}]}",
                       i, i % 10 == 0 ? "payments" : "ledger", i);
        wr_text(w, text);
    }
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

static void make(struct bed *b, unsigned rules, bool bare, unsigned people)
{
    AUTO_WRITER text = wr_heap(RULES_TEXT);
    uint64_t id = 0;

    b->log = author_log_new(JUDGE_PROVE, STATE_BYTES);
    must(b->log != NULL, "memory");
    author_log_standard(b->log);
    add_people(b->log, people);
    put_rules(&text, rules, bare);
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

enum { ONE, HUNDRED, THOUSAND, REAL, MANY, BEDS };

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
        {"P2", "what 900 more rules cost / 10 times what 90 more cost", BENCH_AT_MOST, 1.2,
         "each rule is looked at once"},
        {"P3", "a decision under 100 rules, milliseconds", BENCH_AT_MOST, 1.0, "the signature"},
    };
    static double ms[BEDS][ROUNDS];
    double ratios[3][ROUNDS];
    struct bed *beds = calloc(BEDS, sizeof(*beds));
    bool met = true;

    must(beds != NULL, "memory");
    make(&beds[ONE], 1, true, 0);
    make(&beds[HUNDRED], 100, true, 0);
    make(&beds[THOUSAND], RULES_MAX, true, 0);
    make(&beds[REAL], 100, false, 0);
    make(&beds[MANY], 100, false, PEOPLE_MAX);
    measure(beds, ms);
    for (unsigned i = 0; i < ROUNDS; i++) {
        ratios[0][i] = ms[MANY][i] / ms[REAL][i];
        ratios[1][i] = (ms[THOUSAND][i] - ms[HUNDRED][i]) / (10 * (ms[HUNDRED][i] - ms[ONE][i]));
        ratios[2][i] = ms[REAL][i];
    }
    for (size_t g = 0; g < sizeof(goals) / sizeof(goals[0]); g++) {
        met = bench_report(&goals[g], ratios[g], ROUNDS) && met;
    }
    bench_note("a decision under 1 rule", "ms", ms[ONE], ROUNDS);
    bench_note("a decision under 1000 rules that ask for nothing", "ms", ms[THOUSAND], ROUNDS);
    for (unsigned k = 0; k < BEDS; k++) {
        judge_release(&beds[k].judge);
        author_log_free(beds[k].log);
    }
    free(beds);
    return met ? 0 : 1;
}
