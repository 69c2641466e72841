/* SPDX-License-Identifier: Apache-2.0 */
/* A stream in, split two ways: at once by the splitter, and byte by byte through a connection. Both must agree. */
#include <sys/socket.h>
#include <unistd.h>

#include "ipc/ipc_conn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FUZZ_MAX_BYTES = 4096, FUZZ_FRAME_MAX_BYTES = 1024 };

static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* The next frame that the connection has, or how it stands without one. */
static struct cs_result deliver(struct ipc_conn *c, int peer, struct span *rest, struct span *ret_frame)
{
    struct cs_result r = ipc_next(c, ret_frame);
    while (r.code == CS_E_SHORT && rest->left > 0) {
        must(send(peer, rest->p, 1, 0) == 1);
        *rest = span_from(*rest, 1);
        must(ipc_fill(c).code == CS_OK);
        r = ipc_next(c, ret_frame);
    }
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd[2];
    struct ipc_conn c = {0};
    const struct ipc_limits limits = {.frame_max_bytes = FUZZ_FRAME_MAX_BYTES};
    struct span whole = span_make(data, size < FUZZ_MAX_BYTES ? size : FUZZ_MAX_BYTES);
    struct span bytes = whole;

    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) == 0);
    must(ipc_adopt(fd[0], &limits, &c).code == CS_OK);
    for (;;) {
        struct span a = SPAN_NONE;
        struct span b = SPAN_NONE;
        size_t used = 0;
        const struct cs_result at_once = ipc_frame_split(whole, FUZZ_FRAME_MAX_BYTES, &a, &used);
        const struct cs_result stepwise = deliver(&c, fd[1], &bytes, &b);
        must(at_once.code == stepwise.code);
        if (at_once.code != CS_OK) {
            must(at_once.code == CS_E_SHORT || at_once.code == CS_E_RANGE);
            break;
        }
        must(used == IPC_HEAD_BYTES + a.left && span_eq(a, b));
        whole = span_from(whole, used);
    }
    ipc_close(&c);
    (void)close(fd[1]);
    return 0;
}
