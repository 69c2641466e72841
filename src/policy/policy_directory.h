/* SPDX-License-Identifier: Apache-2.0 */
/* The directory: what it may say, and when it was silent for too long. Pure. Source: docs/policy.md, "The directory".
 */
#ifndef POLICY_DIRECTORY_H
#define POLICY_DIRECTORY_H

#include "policy/policy_sheet.h"

/* May a client's entry stand here: is it about people and roles that the directory governs, fresh, and complete? */
struct verdict policy_directory_may(const struct state *s, const struct directory_note *x, uint64_t now_ms);
/* May the core say here that the directory was silent for too long? Where not every entry is there it is believed. */
struct verdict policy_directory_stale_may(const struct state *s, uint64_t now_ms);

/* Must the core say so now? */
bool policy_directory_stale_due(const struct state *s, uint64_t now_ms);
/* When it must; UINT64_MAX: it has, or there is nothing that could get old. */
uint64_t policy_directory_next(const struct state *s);
/* Does no reading count: there was none, or too long ago, whether or not an entry says so yet? */
bool policy_directory_silent(const struct state *s, uint64_t now_ms);
/* Is this role kept from counting by silence that no entry tells of yet? Never of officers, nor where not every entry
 * is there. */
bool policy_directory_late(const struct state *s, struct span role, uint64_t now_ms);

/* Is this an officer's role that must lapse, because a reading since it was given does not have it? */
bool policy_officer_unlisted(const struct state *s, const struct state_entitlement *e, struct span role);
/* Officers whom the directory does not have and who stay, because too few would be left. */
size_t policy_officers_unlisted(const struct state *s);

/* As a reason: REASON_OK for BAR_NONE. */
enum policy_reason policy_bar_reason(enum state_bar bar);

#endif
