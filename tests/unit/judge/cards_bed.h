/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of cards share: a standard log, an issuer "corp", and changes that its officers sign. */
#ifndef CARDS_BED_H
#define CARDS_BED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/author_log.h"

enum { CAP_BYTES = 64 << 20, DAY_MS = 86400000 };

int set_up(void **state);
int tear_down(void **state);
void expect(struct verdict v, enum policy_reason want, const char *what);
const struct state *state_of(struct author_log *l);
uint64_t opened(struct author_log *l, const char *title);
/* A roster request with these changes. */
struct verdict asked(struct author_log *l, const struct roster_change *items, size_t n, uint64_t *ret_id);
/* odette and omar decide, so that olga may be the subject. */
struct verdict in_force(struct author_log *l, enum entry_type type, uint64_t id);
void changed(struct author_log *l, const struct roster_change *items, size_t n);
void allow_corp(struct author_log *l);
void give_card(struct author_log *l, const char *person, const struct author_card *how);
struct roster_change list_of(struct author_log *l, const struct cardpki_list *list, struct arena *a);
enum policy_reason list_asked(struct author_log *l, const struct cardpki_list *list);
void list_in_force(struct author_log *l, const struct cardpki_list *list);
const struct state_credential *card_of(struct author_log *l, const char *person);

#endif
