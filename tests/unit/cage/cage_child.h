/* SPDX-License-Identifier: Apache-2.0 */
/* What happens in a cage happens in a child: run fn there and say how it ended. */
#ifndef CAGE_CHILD_H
#define CAGE_CHILD_H

#include <sys/wait.h>
#include <unistd.h>

/* fn's return value, or 1000 + the signal that ended the child. */
static inline int in_child(int (*fn)(const void *), const void *arg)
{
    const pid_t pid = fork();
    if (pid == 0) {
        _exit(fn(arg));
    }
    int status = 0;
    if (pid < 0 || waitpid(pid, &status, 0) != pid) {
        return -1;
    }
    return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

#endif
