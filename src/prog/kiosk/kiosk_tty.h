/* SPDX-License-Identifier: Apache-2.0 */
/* The terminal as a face: raw while we run, as it was afterwards. */
#ifndef KIOSK_TTY_H
#define KIOSK_TTY_H

#include <termios.h>

#include "screen/screen_ansi.h"
#include "screen/screen_keys.h"

struct kiosk_tty {
    int fd; /* both ways; borrowed */
    bool raw;
    bool colour;
    struct termios saved;
    struct screen_keys keys;
    struct arena arena[2]; /* of the grid that is shown, and of the next */
    unsigned shown;
    struct grid grid; /* cell == NULL: nothing is shown */
};

/* CS_E_TYPE when fd is no terminal, CS_E_IO. */
CS_RESULT kiosk_tty_open(struct kiosk_tty *t, int fd, bool colour);
/* Gives the terminal back as it was. */
void kiosk_tty_close(struct kiosk_tty *t);
/* 80 by 24 when the terminal does not know. */
void kiosk_tty_size(const struct kiosk_tty *t, unsigned *ret_cols, unsigned *ret_rows);
/* Draws; sends only rows that changed. CS_E_IO when the terminal is gone. */
CS_RESULT kiosk_tty_show(struct kiosk_tty *t, const struct flow *f, const struct flow_world *w);
/* Next time, all of it. */
void kiosk_tty_forget(struct kiosk_tty *t);

#endif
