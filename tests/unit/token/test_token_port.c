/* SPDX-License-Identifier: Apache-2.0 */
/* Which port a reader or a key hangs on, read from a mocked sysfs (umockdev). Run under umockdev-wrapper. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <libudev.h>
#include <umockdev.h>

#include "token/token_port.h"

static void add_usb(UMockdevTestbed *bed, const char *name, const char *parent, const char *bus, const char *number)
{
    gchar *path = umockdev_testbed_add_device(bed, "usb", name, parent, "busnum", bus, "devnum", number, NULL,
                                              "DEVTYPE", "usb_device", NULL);

    assert_non_null(path);
    g_free(path);
}

static int make_bed(void **state)
{
    UMockdevTestbed *bed = umockdev_testbed_new();

    add_usb(bed, "usb1", NULL, "1", "1");
    add_usb(bed, "1-2", "/sys/devices/usb1", "1", "5");
    add_usb(bed, "1-2.4", "/sys/devices/usb1/1-2", "1", "17");
    add_usb(bed, "2-1", NULL, "2", "5");
    /* an interface of 1-2, with the numbers of no device, and a hidraw node on it */
    gchar *interface = umockdev_testbed_add_device(bed, "usb", "1-2:1.0", "/sys/devices/usb1/1-2", "busnum", "1",
                                                   "devnum", "9", NULL, "DEVTYPE", "usb_interface", NULL);
    gchar *node =
        umockdev_testbed_add_device(bed, "hidraw", "hidraw3", interface, NULL, "DEVNAME", "/dev/hidraw3", NULL);
    gchar *odd = umockdev_testbed_add_device(bed, "hidraw", "hidraw4", NULL, NULL, "DEVNAME", "/dev/hidraw4", NULL);
    assert_true(interface != NULL && node != NULL && odd != NULL);
    g_free(interface);
    g_free(node);
    g_free(odd);
    *state = bed;
    return 0;
}

static int free_bed(void **state)
{
    g_object_unref(*state);
    return 0;
}

static const struct row {
    uint32_t channel;
    const char *port;
} rows[] = {
    {0x00200105, "1-2"},   /* bus 1, device 5 */
    {0x00200111, "1-2.4"}, /* device 17, behind a hub */
    {0x00200205, "2-1"},   /* another bus, the same number */
    {0x00200101, "usb1"},  /* the root hub is a device too */
    {0x00200109, ""},      /* only an interface says so */
    {0x00200106, ""},      /* nobody */
    {0x00200305, ""},      /* no such bus */
    {0x00100105, ""},      /* serial */
    {0x00000105, ""},      /* no kind of channel */
    {0x01200105, ""},      /* another kind */
    {0, ""},               /* the driver does not say */
    {0xffffffff, ""},
};

static void channel_rows(void **state)
{
    struct udev *udev = udev_new();
    (void)state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char port[TOKEN_TEXT_MAX + 1] = "before";
        token_port_of_channel(udev, rows[i].channel, port);
        if (strcmp(port, rows[i].port) != 0) {
            fail_msg("%08x: %s, not %s", rows[i].channel, port, rows[i].port);
        }
    }
    (void)udev_unref(udev);
}

static void node_rows(void **state)
{
    struct udev *udev = udev_new();
    char port[TOKEN_TEXT_MAX + 1] = "before";
    (void)state;

    token_port_of_node(udev, "/dev/hidraw3", port);
    assert_string_equal(port, "1-2");
    token_port_of_node(udev, "/dev/hidraw4", port); /* on no bus */
    assert_string_equal(port, "");
    token_port_of_node(udev, "/dev/hidraw9", port);
    assert_string_equal(port, "");
    (void)udev_unref(udev);
}

static void texts(void **state)
{
    char text[TOKEN_TEXT_MAX + 1];
    char longest[TOKEN_TEXT_MAX + 2];
    (void)state;

    token_text_printable("a\x1b[2J\xc3\xa4\x7f~", text);
    assert_string_equal(text, "a?[2J???~");
    token_text_printable(NULL, text);
    assert_string_equal(text, "");
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    token_text_printable(longest, text);
    assert_int_equal(strlen(text), TOKEN_TEXT_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(channel_rows),
        cmocka_unit_test(node_rows),
        cmocka_unit_test(texts),
    };
    return cmocka_run_group_tests(tests, make_bed, free_bed);
}
