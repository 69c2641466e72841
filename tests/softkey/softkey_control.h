/* SPDX-License-Identifier: Apache-2.0 */
/* The control socket of the tests' devices: a UNIX stream socket, lines in, one line out for each. Also the signals and
 * the child of such a program. */
#ifndef SOFTKEY_CONTROL_H
#define SOFTKEY_CONTROL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    SOFTKEY_LINE_MAX = 512, /* of a command and of an answer, the line feed included */
    SOFTKEY_CLIENTS_MAX = 8,
    SOFTKEY_CONTROL_FDS = 2 + SOFTKEY_CLIENTS_MAX, /* what softkey_control_fill gives, always */
};

/* Obeys a line; the answer is one line, with its line feed. */
typedef void softkey_obey(void *ctx, const char *line, uint64_t now_ms, char ret_answer[SOFTKEY_LINE_MAX]);

struct softkey_client {
    int fd; /* -1: free */
    size_t len;
    char line[SOFTKEY_LINE_MAX];
};

struct softkey_control {
    softkey_obey *obey;
    void *ctx;
    struct softkey_client clients[SOFTKEY_CLIENTS_MAX];
    int listen_fd;
    int signal_fd;
    pid_t child; /* 0: none */
    int status;  /* to exit with */
};

/* Take SIGINT, SIGTERM and SIGCHLD as a descriptor; before any thread starts. */
bool softkey_control_init(struct softkey_control *control, softkey_obey *obey, void *ctx);

/* Listen at `path`, in place of what was there. */
bool softkey_control_listen(struct softkey_control *control, const char *path);

/* Run a command whose end is this program's end. */
bool softkey_control_child(struct softkey_control *control, char **command);

void softkey_control_fill(const struct softkey_control *control, struct pollfd ret_fds[SOFTKEY_CONTROL_FDS]);

/* Serve what poll said. False when the program is to end. */
bool softkey_control_serve(struct softkey_control *control, const struct pollfd fds[SOFTKEY_CONTROL_FDS]);

/* End the child, if it still runs, and take the socket away. */
void softkey_control_end(struct softkey_control *control, const char *path);

/* The monotonic clock. */
uint64_t softkey_now_us(void);
uint64_t softkey_now_ms(void);

#endif
