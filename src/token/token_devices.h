/* SPDX-License-Identifier: Apache-2.0 */
/* Which tokens are in. Of FIDO2 keys libfido2 says which hidraw nodes they are, and udev when to look; of cards the
 * watching process does both. */
#ifndef TOKEN_DEVICES_H
#define TOKEN_DEVICES_H

#include "token/token_readers.h"

struct udev;
struct udev_monitor;

struct token_devices {
    struct udev *udev;
    struct udev_monitor *monitor;
    uint64_t next_number;
    size_t count;
    struct token_device list[TOKEN_DEVICES_MAX];
};

/* Listens first, then looks, so no key is missed between the two. CS_E_NOMEM, CS_E_IO: *ret_d is all-zero then. */
CS_RESULT token_devices_open(struct token_devices *ret_d);
void token_devices_close(struct token_devices *d);
/* Readable when something changed. */
int token_devices_fd(const struct token_devices *d);
/* Takes the events that wait. True if the list is another one now. */
bool token_devices_update(struct token_devices *d);
/* Takes over the cards that are in. True if the list is another one now. */
bool token_devices_cards(struct token_devices *d, const struct token_readers *readers);
/* Is what is in one token? One device, or several at one USB port: the faces of one. */
bool token_devices_are_one(const struct token_devices *d);
/* The numbers of all, FIDO2 keys before cards; how many. */
size_t token_devices_faces(const struct token_devices *d, uint64_t ret_numbers[TOKEN_DEVICES_MAX]);
/* The token with this number, or NULL: it is not in, or no more. Valid until the list changes. */
const struct token_device *token_devices_find(const struct token_devices *d, uint64_t number);

#endif
