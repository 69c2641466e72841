/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Emergencies in an author_log: a policy that has them, and each step as people take it. For unit and golden tests.
 *
 * Kinds: outage (incident; normal and rollback), patch (CVE; normal), deadline (date; normal), all for production.
 * Seats: operator (tech, self), endorse (business, takes a voucher); past the budget of two in 30 days also second
 * (officer). Review: author (tech, self) and board (officer), with impact and what_happened, within a day. Ports 1-1,
 * 1-2, 1-3.
 */
#ifndef SUPPORT_AUTHOR_GLASS_H
#define SUPPORT_AUTHOR_GLASS_H

#include "support/author_log.h"

struct glass_policy {
    uint64_t version;
    bool untrusted_clock;
    bool presence_switch;
    bool none;          /* no emergencies at all */
    const char *people; /* JSON array of ids; NULL: no list */
};
void glass_policy_text(const struct glass_policy *how, struct writer *w);
/* Puts it in force. */
void glass_policy(struct author_log *l, const struct glass_policy *how);

/* An emergency that tina asks for; all-zero members are right. */
struct glass_ask {
    uint64_t request;
    const char *kind;          /* NULL: "outage" */
    const char *anchor;        /* NULL: "INC-4711" */
    const char *initiator;     /* NULL: "tina" */
    const char *justification; /* NULL: one that is long enough */
    uint64_t voucher;          /* 0: none */
};
struct verdict glass_open(struct author_log *l, const struct glass_ask *ask, uint64_t *ret_index);

/* A voucher that bea gives to whoever has the role tech. */
struct glass_voucher {
    const char *kind;        /* NULL: "outage" */
    const char *environment; /* NULL: "production" */
    const char *initiator;   /* NULL: "bea" */
    const char *person;      /* NULL: the role tech */
    const char *seat;        /* NULL: "endorse" */
    const char *service;     /* NULL: any */
    uint64_t life_s;         /* 0: a day */
};
struct verdict glass_voucher(struct author_log *l, const struct glass_voucher *how, uint64_t *ret_index);
/* The same, signed by who gives it. Aborts when it is refused. */
uint64_t glass_voucher_signed(struct author_log *l, const struct glass_voucher *how);

struct verdict glass_sign(struct author_log *l, const char *person, uint64_t emergency, const char *seat,
                          const char *port);
/* Opened, signed by tina at 1-1 and bea at 1-2 (and olga at 1-3 past the budget), granted: the emergency entry. Aborts
 * when something is refused. */
uint64_t glass_break(struct author_log *l, uint64_t request);
/* What was granted is used and succeeds. */
void glass_use(struct author_log *l, uint64_t request);

struct verdict glass_review(struct author_log *l, uint64_t emergency, const char *fields, uint64_t *ret_index);
/* Written by tina, signed by tina and olga (or omar, if olga signed the emergency), paid. */
void glass_pay(struct author_log *l, uint64_t emergency);

/* A request to production; a rollback when `artifact` is not NULL. */
uint64_t glass_request(struct author_log *l, const char *title, const char *artifact);

#endif
