/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp: the system calls that are left, one table for all programs. */
#ifndef CAGE_CALLS_H
#define CAGE_CALLS_H

#include "base/base_result.h"

/* One row a program: its enumerator and the name it logs. */
#define CAGE_PROFILES(X)                                                                                               \
    X(CAGE_CORE, "core")   /* writes the log; no network */                                                            \
    X(CAGE_HTTP, "http")   /* serves TCP listeners opened before; starts no connection but to the core */              \
    X(CAGE_TOKEN, "token") /* hidraw devices, hotplug, processes of its own; no network, no writing of files */        \
    X(CAGE_CARDS, "cards") /* of the token agent's processes for cards: pcscd's socket; opens nothing */               \
    X(CAGE_KIOSK, "kiosk") /* display and input devices; no network */                                                 \
    X(CAGE_RELAY, "relay") /* outgoing connections; does not listen */

#define CAGE_PROFILE_ENUM(name, text) name,
enum cage_profile { CAGE_PROFILES(CAGE_PROFILE_ENUM) CAGE_PROFILE_COUNT };
#undef CAGE_PROFILE_ENUM

/* "unknown" outside the list. */
const char *cage_profile_name(enum cage_profile profile);

/**
 * From now on, in every thread, a call outside the profile's rows ends the process with SIGSYS. Executing programs, and
 * memory that is new and executable, are in no profile; only CAGE_TOKEN may fork, and only CAGE_RELAY may map a library
 * file, for its resolver. Needs no_new_privs. In sanitizer builds the filter is built but not put in force, and
 * *ret_active is false.
 *
 * Errors: CS_E_RANGE  no such profile
 *         CS_E_NOMEM  no memory for the filter
 *         CS_E_IO     the kernel refused it
 * Source: seccomp(2), libseccomp 2.5.
 */
CS_RESULT cage_calls_apply(enum cage_profile profile, bool *ret_active);

#endif
