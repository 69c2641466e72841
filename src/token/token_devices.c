/* SPDX-License-Identifier: Apache-2.0 */
#include "token/token_devices.h"

#include <fido.h>
#include <libudev.h>

#include "token/token_port.h"

enum { EVENTS_AT_ONCE = 64 }; /* the rest waits in the socket: nobody keeps us here by flapping */

static void unref_device(struct udev_device **d)
{
    (void)udev_device_unref(*d); /* NULL is fine */
}
#define AUTO_DEVICE __attribute__((cleanup(unref_device))) struct udev_device

static inline void free_infos(fido_dev_info_t *i)
{
    fido_dev_info_free(&i, TOKEN_KEYS_MAX);
}
CS_AUTO_DEFINE(fido_dev_info_t, free_infos);

static bool is_listed(const struct token_devices *d, const char *path)
{
    for (size_t i = 0; i < d->count; i++) {
        if (strcmp(d->list[i].path, path) == 0) {
            return true;
        }
    }
    return false;
}

static bool in_infos(const fido_dev_info_t *infos, size_t n, const char *path)
{
    for (size_t i = 0; i < n; i++) {
        const char *p = fido_dev_info_path(fido_dev_info_ptr(infos, i));
        if (p != NULL && strcmp(p, path) == 0) {
            return true;
        }
    }
    return false;
}

static void drop(struct token_devices *d, size_t i)
{
    d->count--;
    memmove(&d->list[i], &d->list[i + 1], (d->count - i) * sizeof(d->list[0]));
}

static bool add(struct token_devices *d, const fido_dev_info_t *info)
{
    const char *path = fido_dev_info_path(info);
    struct token_device *n = &d->list[d->count];

    if (path == NULL || strlen(path) >= sizeof(n->path) || is_listed(d, path) || d->count == TOKEN_DEVICES_MAX) {
        return false;
    }
    *n = (struct token_device){.number = d->next_number, .kind = TOKEN_KIND_FIDO2};
    memcpy(n->path, path, strlen(path) + 1);
    token_text_printable(fido_dev_info_manufacturer_string(info), n->vendor);
    token_text_printable(fido_dev_info_product_string(info), n->product);
    token_port_of_node(d->udev, path, n->port);
    d->next_number++;
    d->count++;
    return true;
}

/* The list becomes what libfido2 sees now; keys that stay keep their numbers. */
static bool look(struct token_devices *d)
{
    AUTO(fido_dev_info_t) *infos = fido_dev_info_new(TOKEN_KEYS_MAX);
    size_t n = 0;
    bool changed = false;

    if (infos == NULL || fido_dev_info_manifest(infos, TOKEN_KEYS_MAX, &n) != FIDO_OK) {
        n = 0; /* what cannot be seen is not there */
    }
    for (size_t i = d->count; i > 0; i--) {
        if (d->list[i - 1].kind == TOKEN_KIND_FIDO2 && !in_infos(infos, n, d->list[i - 1].path)) {
            drop(d, i - 1);
            changed = true;
        }
    }
    for (size_t i = 0; i < n; i++) {
        changed = add(d, fido_dev_info_ptr(infos, i)) || changed;
    }
    return changed;
}

static CS_RESULT start(struct token_devices *d)
{
    d->udev = udev_new();
    ENSURE(d->udev != NULL, CS_E_NOMEM, "udev");
    d->monitor = udev_monitor_new_from_netlink(d->udev, "udev");
    ENSURE(d->monitor != NULL, CS_E_IO, "udev.monitor");
    ENSURE(udev_monitor_filter_add_match_subsystem_devtype(d->monitor, "hidraw", NULL) >= 0, CS_E_IO, "udev.monitor");
    ENSURE(udev_monitor_enable_receiving(d->monitor) >= 0, CS_E_IO, "udev.monitor");
    (void)look(d);
    return CS_SUCCESS;
}

CS_RESULT token_devices_open(struct token_devices *ret_d)
{
    *ret_d = (struct token_devices){.next_number = 1};
    const struct cs_result res = start(ret_d);
    if (res.code != CS_OK) {
        token_devices_close(ret_d);
    }
    return res;
}

void token_devices_close(struct token_devices *d)
{
    (void)udev_monitor_unref(d->monitor); /* NULL is fine, as below */
    (void)udev_unref(d->udev);
    *d = (struct token_devices){0};
}

int token_devices_fd(const struct token_devices *d)
{
    return udev_monitor_get_fd(d->monitor);
}

/* A node that went is another key when it comes back, even if both happened before we looked. */
static bool forget(struct token_devices *d, const char *path)
{
    for (size_t i = 0; i < d->count; i++) {
        if (strcmp(d->list[i].path, path) == 0) {
            drop(d, i);
            return true;
        }
    }
    return false;
}

bool token_devices_update(struct token_devices *d)
{
    bool changed = false;

    for (unsigned i = 0; i < EVENTS_AT_ONCE; i++) {
        AUTO_DEVICE *event = udev_monitor_receive_device(d->monitor);
        if (event == NULL) {
            break;
        }
        const char *action = udev_device_get_action(event);
        const char *node = udev_device_get_devnode(event);
        if (action != NULL && node != NULL && strcmp(action, "remove") == 0) {
            changed = forget(d, node) || changed;
        }
    }
    return look(d) || changed;
}

/* --- cards --- */

static bool is_card(const struct token_device *d, const struct token_reader *r, uint32_t epoch)
{
    return d->kind == TOKEN_KIND_PIV && d->epoch == epoch && d->insertion == r->insertion &&
           strcmp(d->path, r->name) == 0;
}

static bool still_in(const struct token_device *d, const struct token_readers *readers)
{
    for (size_t i = 0; i < readers->count; i++) {
        if (is_card(d, &readers->list[i], readers->epoch)) {
            return true;
        }
    }
    return false;
}

static bool add_card(struct token_devices *d, const struct token_reader *r, uint32_t epoch)
{
    struct token_device *n = &d->list[d->count];

    for (size_t i = 0; i < d->count; i++) {
        if (is_card(&d->list[i], r, epoch)) {
            return false;
        }
    }
    if (d->count == TOKEN_DEVICES_MAX) {
        return false;
    }
    *n = (struct token_device){
        .number = d->next_number, .kind = TOKEN_KIND_PIV, .epoch = epoch, .insertion = r->insertion};
    memcpy(n->path, r->name, sizeof(n->path));
    token_text_printable(r->name, n->product);
    token_port_of_channel(d->udev, r->channel, n->port);
    d->next_number++;
    d->count++;
    return true;
}

bool token_devices_cards(struct token_devices *d, const struct token_readers *readers)
{
    bool changed = false;

    for (size_t i = d->count; i > 0; i--) {
        if (d->list[i - 1].kind == TOKEN_KIND_PIV && !still_in(&d->list[i - 1], readers)) {
            drop(d, i - 1);
            changed = true;
        }
    }
    for (size_t i = 0; i < readers->count; i++) {
        changed = add_card(d, &readers->list[i], readers->epoch) || changed;
    }
    return changed;
}

bool token_devices_are_one(const struct token_devices *d)
{
    for (size_t i = 1; i < d->count; i++) {
        if (d->list[0].port[0] == '\0' || strcmp(d->list[0].port, d->list[i].port) != 0) {
            return false;
        }
    }
    return d->count > 0;
}

size_t token_devices_faces(const struct token_devices *d, uint64_t ret_numbers[TOKEN_DEVICES_MAX])
{
    size_t n = 0;

    for (unsigned kind = TOKEN_KIND_FIDO2; kind < TOKEN_KIND_COUNT; kind++) {
        for (size_t i = 0; i < d->count; i++) {
            if (d->list[i].kind == (enum token_kind)kind) {
                ret_numbers[n] = d->list[i].number;
                n++;
            }
        }
    }
    return n;
}

const struct token_device *token_devices_find(const struct token_devices *d, uint64_t number)
{
    for (size_t i = 0; i < d->count; i++) {
        if (d->list[i].number == number) {
            return &d->list[i];
        }
    }
    return NULL;
}
