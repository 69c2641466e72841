/* SPDX-License-Identifier: Apache-2.0 */
/* All soft keys of a state directory by name, in and out of the bed, and what the control socket says about them. */
#ifndef SOFTKEY_RACK_H
#define SOFTKEY_RACK_H

#include "softkey_bed.h"
#include "softkey_control.h"
#include "softkey_hid.h"
#include "softkey_piv.h"

enum {
    SOFTKEY_KEYS_MAX = 64,
    SOFTKEY_NAME_MAX = 31,
};

struct softkey_key {
    char name[SOFTKEY_NAME_MAX + 1];
    char port[SOFTKEY_BED_PORT_MAX + 1]; /* the last it was in; empty: none yet */
    bool inserted;
    bool auto_touch;
    bool answering;  /* touched, and nothing else was asked since */
    unsigned number; /* of its hidraw node */
    struct softkey_plug plug;
    struct softkey_core core;
    struct softkey_hid hid;
    uint8_t frame[1 + SOFTKEY_REPORT_BYTES]; /* a report from the host, its report id first */
    size_t frame_len;
    uint64_t touched_us;  /* the last touch that counted; 0: none yet */
    uint64_t answered_us; /* the last report of the answer to it; 0: none yet */
};

struct softkey_rack {
    struct softkey_bed *bed;     /* borrowed; NULL: keys can be made, not inserted */
    struct softcard_rack *cards; /* borrowed; NULL: the keys are no cards */
    char dir[SOFTKEY_PATH_MAX];
    struct softkey_ca ca;
    struct softkey_key *keys[SOFTKEY_KEYS_MAX];
    size_t count;
    bool quit;
};

/** Read `dir` (made when it is not there): the attestation root's seed, made once, and its certificate root.der. */
SOFTKEY_MUST bool softkey_rack_init(struct softkey_rack *rack, const char *dir, struct softkey_bed *bed);
void softkey_rack_release(struct softkey_rack *rack);

/** Obey one line of the control protocol (README.md); the answer is one line, with its line feed. */
void softkey_rack_command(struct softkey_rack *rack, const char *line, uint64_t now_ms,
                          char ret_answer[SOFTKEY_LINE_MAX]);

/** Read what the host wrote to a key. */
void softkey_rack_read(struct softkey_key *key, uint64_t now_ms);

/** Touch who is to be touched without being asked, send what is due; how long until that is needed again, -1 never. */
int softkey_rack_tick(struct softkey_rack *rack, uint64_t now_ms);

#endif
