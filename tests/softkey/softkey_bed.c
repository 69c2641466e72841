/* SPDX-License-Identifier: Apache-2.0 */
#include "softkey_bed.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/hidraw.h>
#include <linux/input.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <umockdev.h>
#include <unistd.h>

#include "softkey_hid.h"

/* Usage page F1D0, one collection with a 64-byte input and output report, no report ids. Source: CTAP 2.1 §11.2.8.2. */
static const uint8_t descriptor[] = {
    0x06, 0xd0, 0xf1, 0x09, 0x01, 0xa1, 0x01, 0x09, 0x20, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95,
    0x40, 0x81, 0x02, 0x09, 0x21, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x40, 0x91, 0x02, 0xc0,
};

enum { VENDOR = 0x1209, PRODUCT = 0x0001 }; /* pid.codes, for tests */

struct softkey_bed {
    UMockdevTestbed *testbed;
    UMockdevIoctlBase *ioctls;
    char *dir;
    char *reader[SOFTKEY_BED_READERS_MAX]; /* paths under /sys; NULL: that one is in no port */
};

/* Answers with `len` bytes at the ioctl's argument, which has room for `room`. */
static gboolean answer(UMockdevIoctlClient *client, const void *bytes, size_t len, size_t room)
{
    UMockdevIoctlData *arg = umockdev_ioctl_client_get_arg(client);
    UMockdevIoctlData *data = umockdev_ioctl_data_resolve(arg, 0, room, NULL);
    uint8_t copy[sizeof(struct hidraw_report_descriptor)];

    if (data == NULL || len > sizeof(copy) || len > room) {
        return FALSE;
    }
    memcpy(copy, bytes, len);
    umockdev_ioctl_data_update(data, 0, copy, (gint)len);
    umockdev_ioctl_data_unref(data);
    umockdev_ioctl_client_complete(client, 0, 0);
    return TRUE;
}

/* Runs in umockdev's own thread and touches only constants. */
static gboolean on_ioctl(UMockdevIoctlBase *base, UMockdevIoctlClient *client, gpointer unused)
{
    const struct hidraw_devinfo info = {BUS_USB, VENDOR, PRODUCT};
    const int size = sizeof(descriptor);
    struct hidraw_report_descriptor full = {.size = sizeof(descriptor)};
    (void)base;
    (void)unused;

    switch (umockdev_ioctl_client_get_request(client)) {
    case HIDIOCGRDESCSIZE:
        return answer(client, &size, sizeof(size), sizeof(size));
    case HIDIOCGRDESC:
        memcpy(full.value, descriptor, sizeof(descriptor));
        return answer(client, &full, sizeof(full), sizeof(full));
    case HIDIOCGRAWINFO:
        return answer(client, &info, sizeof(info), sizeof(info));
    default: /* a number of the kernel's; umockdev says ENOTTY */
        return FALSE;
    }
}

struct softkey_bed *softkey_bed_new(void)
{
    struct softkey_bed *bed = calloc(1, sizeof(*bed));

    if (bed == NULL) {
        return NULL;
    }
    bed->testbed = umockdev_testbed_new();
    bed->ioctls = umockdev_ioctl_base_new();
    bed->dir = umockdev_testbed_get_root_dir(bed->testbed);
    (void)g_signal_connect(bed->ioctls, "handle-ioctl", G_CALLBACK(on_ioctl), NULL);
    return bed;
}

void softkey_bed_free(struct softkey_bed *bed)
{
    if (bed == NULL) {
        return;
    }
    for (unsigned i = 0; i < SOFTKEY_BED_READERS_MAX; i++) {
        g_free(bed->reader[i]);
    }
    g_object_unref(bed->ioctls);
    g_object_unref(bed->testbed);
    g_free(bed->dir);
    free(bed);
}

const char *softkey_bed_dir(const struct softkey_bed *bed)
{
    return bed->dir;
}

/* A raw pty whose host side reads whole reports or nothing: VMIN holds poll and read back until 64 bytes are there. */
static bool open_pty(struct softkey_plug *plug)
{
    struct termios tio;

    plug->key_fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (plug->key_fd < 0 || grantpt(plug->key_fd) != 0 || unlockpt(plug->key_fd) != 0 ||
        ptsname_r(plug->key_fd, plug->host, sizeof(plug->host)) != 0) {
        return false;
    }
    plug->host_fd = open(plug->host, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (plug->host_fd < 0 || tcgetattr(plug->host_fd, &tio) != 0) {
        return false;
    }
    cfmakeraw(&tio);
    tio.c_cc[VMIN] = SOFTKEY_REPORT_BYTES;
    tio.c_cc[VTIME] = 0;
    return tcsetattr(plug->host_fd, TCSANOW, &tio) == 0;
}

static void close_pty(struct softkey_plug *plug)
{
    if (plug->host_fd >= 0) {
        (void)close(plug->host_fd);
    }
    if (plug->key_fd >= 0) {
        (void)close(plug->key_fd);
    }
    plug->key_fd = -1;
    plug->host_fd = -1;
}

/* The node's place in the bed. */
static bool node_path(const struct softkey_bed *bed, const char *node, char ret_path[PATH_MAX])
{
    const int n = snprintf(ret_path, PATH_MAX, "%s%s", bed->dir, node);
    return n > 0 && n < PATH_MAX;
}

static bool make_node(const struct softkey_bed *bed, const struct softkey_plug *plug)
{
    char path[PATH_MAX];

    if (!node_path(bed, "/dev", path)) {
        return false;
    }
    if (mkdir(path, 0755) != 0 && errno != EEXIST) {
        return false;
    }
    return node_path(bed, plug->node, path) && symlink(plug->host, path) == 0;
}

static bool add_usb(const struct softkey_bed *bed, const char *port, struct softkey_plug *plug)
{
    char interface[SOFTKEY_BED_PORT_MAX + 8];
    UMockdevTestbed *t = bed->testbed;

    plug->sys[0] =
        umockdev_testbed_add_device(t, "usb", port, NULL, "idVendor", "1209", "idProduct", "0001", "manufacturer",
                                    "Countersign Tests", "product", "Soft Key", "busnum", "1", "bcdDevice", "0100",
                                    NULL, "DEVTYPE", "usb_device", "SUBSYSTEM", "usb", "PRODUCT", "1209/1/100", NULL);
    (void)snprintf(interface, sizeof(interface), "%s:1.0", port);
    if (plug->sys[0] == NULL) {
        return false;
    }
    plug->sys[1] = umockdev_testbed_add_device(t, "usb", interface, plug->sys[0], "bInterfaceClass", "03", NULL,
                                               "DEVTYPE", "usb_interface", "SUBSYSTEM", "usb", NULL);
    return plug->sys[1] != NULL;
}

static bool add_hid(const struct softkey_bed *bed, const char *port, unsigned number, struct softkey_plug *plug)
{
    char hid[32];
    char phys[SOFTKEY_BED_PORT_MAX + 16];
    char dev[16];
    char minor[16];
    const char *name = plug->node + sizeof("/dev/") - 1;
    UMockdevTestbed *t = bed->testbed;

    (void)snprintf(hid, sizeof(hid), "0003:1209:0001.%04X", number + 1);
    (void)snprintf(phys, sizeof(phys), "usb-%s/input0", port);
    (void)snprintf(dev, sizeof(dev), "241:%u", number);
    (void)snprintf(minor, sizeof(minor), "%u", number);
    plug->sys[2] = umockdev_testbed_add_device(t, "hid", hid, plug->sys[1], NULL, "SUBSYSTEM", "hid", "HID_ID",
                                               "0003:00001209:00000001", "HID_NAME", "Countersign Tests Soft Key",
                                               "HID_PHYS", phys, "HID_UNIQ", "", NULL);
    if (plug->sys[2] == NULL) {
        return false;
    }
    plug->sys[3] = umockdev_testbed_add_device(t, "hidraw", name, plug->sys[2], "dev", dev, NULL, "SUBSYSTEM", "hidraw",
                                               "DEVNAME", plug->node, "MAJOR", "241", "MINOR", minor, "ID_FIDO_TOKEN",
                                               "1", "ID_SECURITY_TOKEN", "1", NULL);
    return plug->sys[3] != NULL;
}

static void remove_devices(const struct softkey_bed *bed, struct softkey_plug *plug)
{
    for (size_t i = SOFTKEY_BED_DEVICES; i > 0; i--) {
        if (plug->sys[i - 1] != NULL) {
            umockdev_testbed_remove_device(bed->testbed, plug->sys[i - 1]);
            g_free(plug->sys[i - 1]);
            plug->sys[i - 1] = NULL;
        }
    }
}

static bool attach(const struct softkey_bed *bed, const struct softkey_plug *plug)
{
    GError *error = NULL;

    if (!umockdev_testbed_attach_ioctl(bed->testbed, plug->node, bed->ioctls, &error)) {
        (void)fprintf(stderr, "softkey: %s: %s\n", plug->node, error == NULL ? "no ioctl" : error->message);
        g_clear_error(&error);
        return false;
    }
    return true;
}

static void remove_node(const struct softkey_bed *bed, const struct softkey_plug *plug)
{
    char path[PATH_MAX];

    if (node_path(bed, plug->node, path)) {
        (void)unlink(path);
    }
}

bool softkey_bed_plug(struct softkey_bed *bed, const char *port, unsigned number, struct softkey_plug *ret_plug)
{
    struct softkey_plug plug = {.key_fd = -1, .host_fd = -1};

    (void)snprintf(plug.node, sizeof(plug.node), "/dev/hidraw%u", number);
    /* umockdev sends the add event by itself: by then the node has to answer */
    if (!open_pty(&plug) || !make_node(bed, &plug) || !attach(bed, &plug) || !add_usb(bed, port, &plug) ||
        !add_hid(bed, port, number, &plug)) {
        (void)fprintf(stderr, "softkey: %s cannot be plugged\n", plug.node);
        remove_node(bed, &plug);
        remove_devices(bed, &plug);
        close_pty(&plug);
        return false;
    }
    *ret_plug = plug;
    return true;
}

void softkey_bed_unplug(struct softkey_bed *bed, struct softkey_plug *plug)
{
    /* umockdev looks the device up when it sends the event, so the event comes while the device is still in /sys; with
     * the node gone first, whoever looks on that event finds nothing to open */
    remove_node(bed, plug);
    (void)umockdev_testbed_detach_ioctl(bed->testbed, plug->node, NULL);
    close_pty(plug);
    for (size_t i = SOFTKEY_BED_DEVICES; i > 0; i--) {
        umockdev_testbed_uevent(bed->testbed, plug->sys[i - 1], "remove");
    }
    remove_devices(bed, plug);
    memset(plug, 0, sizeof(*plug));
}

bool softkey_bed_reader(struct softkey_bed *bed, unsigned number, const char *port)
{
    char device[16];

    if (number >= SOFTKEY_BED_READERS_MAX) {
        return false;
    }
    if (bed->reader[number] != NULL) {
        umockdev_testbed_uevent(bed->testbed, bed->reader[number], "remove");
        umockdev_testbed_remove_device(bed->testbed, bed->reader[number]);
        g_free(bed->reader[number]);
        bed->reader[number] = NULL;
    }
    if (port == NULL) {
        return true;
    }
    (void)snprintf(device, sizeof(device), "%u", number + 1);
    bed->reader[number] = umockdev_testbed_add_device(
        bed->testbed, "usb", port, NULL, "idVendor", "1209", "idProduct", "0002", "manufacturer", "Countersign Tests",
        "product", "Soft Reader", "busnum", "7", "devnum", device, "bcdDevice", "0100", NULL, "DEVTYPE", "usb_device",
        "SUBSYSTEM", "usb", "PRODUCT", "1209/2/100", NULL);
    return bed->reader[number] != NULL;
}

size_t softkey_bed_waiting(const struct softkey_plug *plug)
{
    int n = 0;
    return ioctl(plug->host_fd, FIONREAD, &n) == 0 && n > 0 ? (size_t)n : 0;
}

void softkey_bed_send(const struct softkey_plug *plug, const uint8_t *report)
{
    if (write(plug->key_fd, report, SOFTKEY_REPORT_BYTES) == SOFTKEY_REPORT_BYTES) {
        return;
    }
    (void)tcflush(plug->host_fd, TCIFLUSH);
    if (write(plug->key_fd, report, SOFTKEY_REPORT_BYTES) != SOFTKEY_REPORT_BYTES) {
        (void)fprintf(stderr, "softkey: %s lost a report\n", plug->node);
    }
}
