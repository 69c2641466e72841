/* SPDX-License-Identifier: Apache-2.0 */
#include "token/token_devices.h"

#include <fido.h>
#include <libudev.h>

enum { EVENTS_AT_ONCE = 64 }; /* the rest waits in the socket: nobody keeps us here by flapping */

static void unref_device(struct udev_device **d)
{
    (void)udev_device_unref(*d); /* NULL is fine */
}
static void unref_list(struct udev_enumerate **e)
{
    (void)udev_enumerate_unref(*e);
}
#define AUTO_DEVICE    __attribute__((cleanup(unref_device))) struct udev_device
#define AUTO_ENUMERATE __attribute__((cleanup(unref_list))) struct udev_enumerate

static inline void free_infos(fido_dev_info_t *i)
{
    fido_dev_info_free(&i, TOKEN_KEYS_MAX);
}
CS_AUTO_DEFINE(fido_dev_info_t, free_infos);

/* What a key says about itself is outside text. */
static void printable(const char *from, char ret_text[TOKEN_TEXT_MAX + 1])
{
    size_t n = 0;

    for (; from != NULL && from[n] != '\0' && n < TOKEN_TEXT_MAX; n++) {
        const char c = from[n];
        ret_text[n] = '?';
        if (c >= 0x20 && c < 0x7f) {
            ret_text[n] = c;
        }
    }
    ret_text[n] = '\0';
}

/* The USB port that the node hangs on, as the kernel names it ("1-2", "1-2.4"): the place, not the key. */
static void find_port(struct udev *udev, const char *path, char ret_port[TOKEN_TEXT_MAX + 1])
{
    AUTO_ENUMERATE *list = udev_enumerate_new(udev);
    struct udev_list_entry *entry = NULL;

    printable("", ret_port);
    if (list == NULL || udev_enumerate_add_match_subsystem(list, "hidraw") < 0 ||
        udev_enumerate_scan_devices(list) < 0) {
        return;
    }
    udev_list_entry_foreach(entry, udev_enumerate_get_list_entry(list))
    {
        AUTO_DEVICE *d = udev_device_new_from_syspath(udev, udev_list_entry_get_name(entry));
        const char *node = d != NULL ? udev_device_get_devnode(d) : NULL;
        if (node != NULL && strcmp(node, path) == 0) { /* the parent belongs to d */
            struct udev_device *usb = udev_device_get_parent_with_subsystem_devtype(d, "usb", "usb_device");
            printable(usb != NULL ? udev_device_get_sysname(usb) : "", ret_port);
            return;
        }
    }
}

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
    printable(fido_dev_info_manufacturer_string(info), n->vendor);
    printable(fido_dev_info_product_string(info), n->product);
    find_port(d->udev, path, n->port);
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
        if (!in_infos(infos, n, d->list[i - 1].path)) {
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

const struct token_device *token_devices_find(const struct token_devices *d, uint64_t number)
{
    for (size_t i = 0; i < d->count; i++) {
        if (d->list[i].number == number) {
            return &d->list[i];
        }
    }
    return NULL;
}
