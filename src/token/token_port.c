/* SPDX-License-Identifier: Apache-2.0 */
#include "token/token_port.h"

#include <inttypes.h>
#include <libudev.h>

enum { CHANNEL_USB = 0x0020, NUMBER_TEXT_MAX = 8 };

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

void token_text_printable(const char *from, char ret_text[TOKEN_TEXT_MAX + 1])
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

void token_port_of_node(struct udev *udev, const char *node, char ret_port[TOKEN_TEXT_MAX + 1])
{
    AUTO_ENUMERATE *list = udev_enumerate_new(udev);
    struct udev_list_entry *entry = NULL;

    token_text_printable(NULL, ret_port);
    if (list == NULL || udev_enumerate_add_match_subsystem(list, "hidraw") < 0 ||
        udev_enumerate_scan_devices(list) < 0) {
        return;
    }
    udev_list_entry_foreach(entry, udev_enumerate_get_list_entry(list))
    {
        AUTO_DEVICE *d = udev_device_new_from_syspath(udev, udev_list_entry_get_name(entry));
        const char *its = d != NULL ? udev_device_get_devnode(d) : NULL;
        if (its != NULL && strcmp(its, node) == 0) { /* the parent belongs to d */
            struct udev_device *usb = udev_device_get_parent_with_subsystem_devtype(d, "usb", "usb_device");
            token_text_printable(usb != NULL ? udev_device_get_sysname(usb) : NULL, ret_port);
            return;
        }
    }
}

/* Every device with this attribute; several attributes are alternatives to udev, so the second is compared here. */
static bool has_number(struct udev_device *d, const char *name, const char *number)
{
    const char *its = udev_device_get_sysattr_value(d, name);

    return its != NULL && strcmp(its, number) == 0;
}

void token_port_of_channel(struct udev *udev, uint32_t channel, char ret_port[TOKEN_TEXT_MAX + 1])
{
    AUTO_ENUMERATE *list = udev_enumerate_new(udev);
    struct udev_list_entry *entry = NULL;
    char bus[NUMBER_TEXT_MAX];
    char number[NUMBER_TEXT_MAX];

    token_text_printable(NULL, ret_port);
    (void)snprintf(bus, sizeof(bus), "%" PRIu32, channel >> 8 & 0xff);
    (void)snprintf(number, sizeof(number), "%" PRIu32, channel & 0xff);
    if (channel >> 16 != CHANNEL_USB || list == NULL || udev_enumerate_add_match_subsystem(list, "usb") < 0 ||
        udev_enumerate_add_match_property(list, "DEVTYPE", "usb_device") < 0 || udev_enumerate_scan_devices(list) < 0) {
        return;
    }
    udev_list_entry_foreach(entry, udev_enumerate_get_list_entry(list))
    {
        AUTO_DEVICE *d = udev_device_new_from_syspath(udev, udev_list_entry_get_name(entry));
        if (d != NULL && has_number(d, "busnum", bus) && has_number(d, "devnum", number)) {
            token_text_printable(udev_device_get_sysname(d), ret_port);
            return;
        }
    }
}
