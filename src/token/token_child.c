/* SPDX-License-Identifier: Apache-2.0 */
#include "token/token_child.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "token/token_report.h"

enum { FIRST_OWN = 3 }; /* descriptors 0 to 2 stay */

static _Noreturn void be_child(const struct token_child_body *body, int fd, pid_t parent)
{
    /* it shall not outlive the agent, nor have been orphaned before this was said */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) {
        _exit(1);
    }
    if (fd > FIRST_OWN && close_range(FIRST_OWN, (unsigned)fd - 1, 0) != 0) {
        _exit(1);
    }
    if (close_range((unsigned)fd + 1, ~0U, 0) != 0 || body->confine().code != CS_OK) {
        _exit(1);
    }
    body->run(fd, body->arg);
    _exit(0);
}

CS_RESULT token_child_start(const struct token_child_body *body, struct token_child *ret_child)
{
    static const struct ipc_limits limits = {.frame_max_bytes = TOKEN_REPORT_MAX};
    const pid_t parent = getpid();
    struct token_child c = {.pid = 0};
    int ends[2];

    ENSURE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, CS_E_IO, "child.socket");
    const struct cs_result res = ipc_adopt(ends[0], &limits, &c.conn);
    if (res.code != CS_OK) {
        (void)close(ends[0]);
        (void)close(ends[1]);
        return res;
    }
    c.pid = fork();
    if (c.pid == 0) {
        be_child(body, ends[1], parent);
    }
    (void)close(ends[1]);
    if (c.pid < 0) {
        ipc_close(&c.conn);
        return CS_FAIL(CS_E_IO, "child.fork");
    }
    *ret_child = c;
    return CS_SUCCESS;
}

void token_child_end(struct token_child *c)
{
    if (c->pid > 0) {
        (void)kill(c->pid, SIGKILL); /* at worst it has ended, and is not yet waited for */
        while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    ipc_close(&c->conn);
    *c = (struct token_child){.pid = 0};
}
