/* SPDX-License-Identifier: Apache-2.0 */
/* How differences of policies are said. Inside the room only. */
#ifndef DRAFT_DIFF_H
#define DRAFT_DIFF_H

#include "draft/draft_try.h"

enum draft_way { WAY_STRICTER, WAY_LOOSER, WAY_OTHER };

struct draft_diff {
    struct writer *w;
    const char *about; /* "rule ", "the keys of role ", "" */
    struct span name;
    struct draft_change change;
};

struct draft_words {
    const struct span *item;
    size_t count;
};

/* "stricter: ABOUT NAME: " */
void draft_diff_begin(struct draft_diff *d, enum draft_way way);
void draft_diff_say(struct draft_diff *d, enum draft_way way, const char *before, struct span word, const char *after);
/* What is new goes `way`, what is gone goes the other. */
void draft_diff_words(struct draft_diff *d, struct draft_words a, struct draft_words b, enum draft_way way,
                      const char *what);
/* Zero says nothing; the shortest counts. */
void draft_diff_clock(struct draft_diff *d, uint64_t a, uint64_t b, const char *what);
/* The larger is stricter. */
void draft_diff_least(struct draft_diff *d, uint64_t a, uint64_t b, const char *what);
/* The smaller is stricter. */
void draft_diff_most(struct draft_diff *d, uint64_t a, uint64_t b, const char *what);
void draft_diff_flag(struct draft_diff *d, bool a, bool b, enum draft_way way, const char *what);
void draft_diff_seats(struct draft_diff *d, struct policy_seats a, struct policy_seats b);

/* Does each condition of a stand in b? Then whatever b applies to, a applies to. */
bool draft_diff_within(const struct policy_rule *a, const struct policy_rule *b);
void draft_diff_quorum(struct draft_diff *d, const struct policy_seat *a, const struct policy_seat *b);
void draft_diff_veto(struct draft_diff *d, const struct policy_seat *a, const struct policy_seat *b);
void draft_diff_steps(struct draft_diff *d, const struct policy_rule *a, const struct policy_rule *b);

void draft_diff_tokens(struct draft_diff *d, const struct policy_doc *a, const struct policy_doc *b);
void draft_diff_duty(struct draft_diff *d, const struct policy_doc *a, const struct policy_doc *b);
void draft_diff_delegation(struct draft_diff *d, const struct policy_doc *a, const struct policy_doc *b);
void draft_diff_directory(struct draft_diff *d, const struct policy_doc *a, const struct policy_doc *b);
void draft_diff_reviews(struct draft_diff *d, const struct policy_review *a, const struct policy_review *b);
/* Of one rule; NULL where nothing is asked. */
void draft_diff_source(struct draft_diff *d, const struct policy_source *a, const struct policy_source *b);
void draft_diff_ticket(struct draft_diff *d, const struct policy_ticket *a, const struct policy_ticket *b);
void draft_diff_promotions(struct draft_diff *d, const struct policy_doc *a, const struct policy_doc *b);
void draft_diff_earned(struct draft_diff *d, const struct policy_doc *a, const struct policy_doc *b);
void draft_diff_retention(struct draft_diff *d, const struct policy_retention *a, const struct policy_retention *b);
void draft_diff_calendar(struct draft_diff *d, const struct policy_doc *a, const struct policy_doc *b);
void draft_diff_emergency(struct draft_diff *d, const struct policy_emergency *a, const struct policy_emergency *b);

#endif
