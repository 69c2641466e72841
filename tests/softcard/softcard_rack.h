/* SPDX-License-Identifier: Apache-2.0 */
/* All soft cards of a state directory by name, in and out of the readers of a vpcd, and what the control socket says
 * about them. vpcd: each reader listens on a TCP port; a card that is in is a connection to it. */
#ifndef SOFTCARD_RACK_H
#define SOFTCARD_RACK_H

#include <poll.h>

#include "softcard_fault.h"
#include "softkey/softkey_control.h"

enum {
    SOFTCARD_CARDS_MAX = 64,
    SOFTCARD_READERS_MAX = 16, /* pcscd has no more */
    SOFTCARD_HOST_MAX = 63,
    SOFTCARD_SWAP_MS = 1000, /* between out and in: pcscd, which looks every 400 ms, sees the reader empty */
};

enum softcard_light {
    SOFTCARD_IDLE,
    SOFTCARD_BLINKING, /* a command wants a touch */
    SOFTCARD_BUSY,     /* the answer is made and held back */
    SOFTCARD_MUTE,
};

struct softcard_card {
    char name[SOFTCARD_NAME_MAX + 1];
    int fd; /* -1: the card is out */
    unsigned reader;
    bool coming;  /* goes into its reader at `until_ms` */
    bool powered; /* the reader has seen it */
    bool auto_touch;
    uint32_t touch_timeout_ms;
    enum softcard_light light;
    uint64_t until_ms; /* when blinking, being busy, being on its way ends */
    uint32_t apdus;
    bool signing;         /* the command that was last answered, or is, uses a key */
    uint64_t asked_us;    /* when the last such command came; 0: none yet */
    uint64_t answered_us; /* when the last of its answer left */
    struct softcard core;
    struct softcard_faults faults;
    struct softcard_plan plan; /* of the APDU that is being answered */
    bool endless;
    uint8_t held_header[4]; /* the command whose answer waits in `reply` for the right Le */
    bool held;
    size_t in_len;
    uint8_t in[2 + SOFTCARD_APDU_MAX];
    struct softcard_reply reply;
};

struct softcard_rack {
    char dir[SOFTCARD_PATH_MAX];
    char host[SOFTCARD_HOST_MAX + 1]; /* a numeric address */
    unsigned port;                    /* of reader 0; the others follow */
    struct softcard_ca ca;
    struct softcard_card *cards[SOFTCARD_CARDS_MAX];
    size_t count;
    bool quit;
};

/* Read `dir` (made when it is not there): the seed of the authorities, made once, and their certificates people.der and
 * attestation.der. `where` is ADDRESS:PORT of the first reader. */
SOFTKEY_MUST bool softcard_rack_init(struct softcard_rack *rack, const char *dir, const char *where);
void softcard_rack_release(struct softcard_rack *rack);

/* Obey one line of the control protocol (README.md); the answer is one line, with its line feed. */
void softcard_rack_command(struct softcard_rack *rack, const char *line, uint64_t now_ms,
                           char ret_answer[SOFTKEY_LINE_MAX]);

/* What to poll: one entry a card that is in. The number of them. */
nfds_t softcard_rack_fill(const struct softcard_rack *rack, struct pollfd ret_fds[SOFTCARD_CARDS_MAX]);

/* Read what the readers sent. */
void softcard_rack_read(struct softcard_rack *rack, uint64_t now_ms);

/* Touch who is touched without being asked, send what is due; how long until that is needed again, -1 never. */
int softcard_rack_tick(struct softcard_rack *rack, uint64_t now_ms);

#endif
