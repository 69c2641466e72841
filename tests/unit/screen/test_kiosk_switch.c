/* SPDX-License-Identifier: Apache-2.0 */
/* The emergency switch: what its events mean, and that nothing but "on" is on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fcntl.h>
#include <linux/input.h>
#include <unistd.h>

#include "../../../src/prog/kiosk/kiosk_switch.h"

static struct input_event event(uint16_t type, uint16_t code, int32_t value)
{
    return (struct input_event){.type = type, .code = code, .value = value};
}

static void events_turn_it(void **state)
{
    (void)state;
    const struct row {
        struct input_event e;
        enum flow_switch then;
    } rows[] = {
        {event(EV_SW, SW_LID, 1), SWITCH_OFF},   /* another switch */
        {event(EV_KEY, SW_DOCK, 1), SWITCH_OFF}, /* a key of the same number */
        {event(EV_SW, SW_DOCK, 1), SWITCH_ON},       {event(EV_SYN, SYN_REPORT, 0), SWITCH_ON},
        {event(EV_SW, SW_DOCK, 0), SWITCH_OFF},      {event(EV_SW, SW_DOCK, 1), SWITCH_ON},
        {event(EV_SYN, SYN_DROPPED, 0), SWITCH_OFF}, /* events were lost */
    };
    struct kiosk_switch s = {.fd = -1, .type = EV_SW, .code = SW_DOCK, .state = SWITCH_OFF};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        kiosk_switch_event(&s, &rows[i].e);
        assert_int_equal(s.state, rows[i].then);
    }
}

static void one_that_is_gone_is_none(void **state)
{
    (void)state;
    int pipe_fds[2];
    assert_int_equal(pipe2(pipe_fds, O_NONBLOCK | O_CLOEXEC), 0);
    struct kiosk_switch s = {.fd = pipe_fds[0], .type = EV_SW, .code = SW_DOCK, .state = SWITCH_OFF};
    const struct input_event on = event(EV_SW, SW_DOCK, 1);
    assert_int_equal(write(pipe_fds[1], &on, sizeof(on)), (ssize_t)sizeof(on));
    kiosk_switch_read(&s);
    assert_int_equal(s.state, SWITCH_ON);
    kiosk_switch_read(&s); /* nothing new */
    assert_int_equal(s.state, SWITCH_ON);
    (void)close(pipe_fds[1]);
    kiosk_switch_read(&s);
    assert_int_equal(s.state, SWITCH_NONE);
    assert_int_equal(s.fd, -1);
}

static void what_is_no_switch_does_not_open(void **state)
{
    (void)state;
    struct kiosk_switch s;
    assert_int_equal(kiosk_switch_open(&s, NULL).code, CS_OK);
    assert_int_equal(s.state, SWITCH_NONE);
    assert_int_equal(kiosk_switch_open(&s, "/nowhere").code, CS_E_IO);
    assert_int_equal(kiosk_switch_open(&s, "/dev/null").code, CS_E_MISSING);
    assert_int_equal(s.fd, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_turn_it),
        cmocka_unit_test(one_that_is_gone_is_none),
        cmocka_unit_test(what_is_no_switch_does_not_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
