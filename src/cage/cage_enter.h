/* SPDX-License-Identifier: Apache-2.0 */
/* The moment after which a program has no power it does not need. Called once, after everything is opened that needs
 * more, and before the first byte of a peer is read and before any thread is started. docs/adr/0020-cage.md */
#ifndef CAGE_ENTER_H
#define CAGE_ENTER_H

#include "cage/cage_calls.h"
#include "cage/cage_paths.h"

struct cage_plan {
    enum cage_profile profile;
    const char *user;              /* whom to become; NULL: stay who we are */
    const struct cage_path *paths; /* everything of the file system that may still be opened; borrowed for the call */
    size_t path_count;
    unsigned nofile; /* descriptors; 0 keeps the limit */
};

/* What is in force, for the program to log: nothing here is silently missing. */
struct cage_report {
    bool user_changed;
    int landlock_abi; /* 0: this kernel has none */
    bool seccomp;     /* false only in sanitizer builds, whose runtime makes calls of its own */
};

/**
 * In this order: limits (no core dump, descriptors), user and groups, not dumpable, no_new_privs, Landlock, seccomp.
 * There is no way back from any of it, and after a failure the process must end: it may be half in the cage.
 *
 * Errors: CS_E_RANGE    no such profile
 *         CS_E_MISSING  the user does not exist, or a path that is not optional does not
 *         CS_E_REFUSED  we are neither root nor that user, or root's rights could be taken back afterwards
 *         CS_E_IO       the kernel refused a step
 *         CS_E_NOMEM    no memory for the filter
 */
CS_RESULT cage_enter(const struct cage_plan *plan, struct cage_report *ret_report);

#endif
