/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock: the part of the file system that is left. */
#ifndef CAGE_PATHS_H
#define CAGE_PATHS_H

#include "base/base_result.h"

enum cage_access {
    CAGE_READ,   /* open for reading, list directories */
    CAGE_DEVICE, /* read, and open for writing what exists: device nodes, sockets */
    CAGE_WRITE   /* and create, truncate, rename and remove regular files and sockets */
};

/* A directory stands for everything below it. */
struct cage_path {
    const char *path;
    enum cage_access access;
    bool optional; /* may be absent: then there is nothing to allow */
};

/**
 * Allow `paths` and refuse every other opening from now on. Execution, links, device nodes and (from ABI 4 on) making
 * or accepting TCP are refused everywhere, TCP unless may_tcp. Descriptors that are open already go on working.
 * *ret_abi is 0, and nothing is restricted, where the kernel has no Landlock. Needs no_new_privs. Not for threads that
 * run.
 *
 * Errors: CS_E_MISSING  a path that is not optional cannot be opened
 *         CS_E_IO       the kernel refused
 * Source: landlock(7); kernel Documentation/userspace-api/landlock.rst.
 */
CS_RESULT cage_paths_apply(const struct cage_path *paths, size_t count, bool may_tcp, int *ret_abi);

#endif
