/* SPDX-License-Identifier: Apache-2.0 */
#include "cage/cage_signals.h"

#include <signal.h>
#include <sys/signalfd.h>

CS_RESULT cage_signals(const int *signals, size_t n, int *ret_fd)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigset_t set;

    ENSURE(sigemptyset(&set) == 0 && sigaction(SIGPIPE, &ignore, NULL) == 0, CS_E_IO, "signals");
    for (size_t i = 0; i < n; i++) {
        ENSURE(sigaddset(&set, signals[i]) == 0, CS_E_IO, "signals");
    }
    ENSURE(pthread_sigmask(SIG_BLOCK, &set, NULL) == 0, CS_E_IO, "signals");
    const int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    ENSURE(fd >= 0, CS_E_IO, "signals");
    *ret_fd = fd;
    return CS_SUCCESS;
}
