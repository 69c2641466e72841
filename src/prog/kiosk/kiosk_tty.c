/* SPDX-License-Identifier: Apache-2.0 */
#include "kiosk_tty.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "file/file_write.h"

enum { ARENA_BYTES = 32 << 20, OUT_BYTES = 4 << 20, DEFAULT_COLS = 80, DEFAULT_ROWS = 24 };

CS_RESULT kiosk_tty_open(struct kiosk_tty *t, int fd, bool colour)
{
    *t = (struct kiosk_tty){.fd = fd, .colour = colour};
    ENSURE(isatty(fd) == 1 && tcgetattr(fd, &t->saved) == 0, CS_E_TYPE, "terminal");
    struct termios raw = t->saved;
    cfmakeraw(&raw);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    ENSURE(tcsetattr(fd, TCSADRAIN, &raw) == 0, CS_E_IO, "terminal");
    t->raw = true;
    arena_init(&t->arena[0], ARENA_BYTES);
    arena_init(&t->arena[1], ARENA_BYTES);
    return file_write_all(t->fd, span_str(screen_ansi_enter));
}

void kiosk_tty_close(struct kiosk_tty *t)
{
    if (t->raw) {
        const struct cs_result r = file_write_all(t->fd, span_str(screen_ansi_leave));
        (void)r; /* a terminal that is gone needs no giving back */
        (void)tcsetattr(t->fd, TCSADRAIN, &t->saved);
    }
    arena_release(&t->arena[0]);
    arena_release(&t->arena[1]);
    *t = (struct kiosk_tty){.fd = -1};
}

void kiosk_tty_size(const struct kiosk_tty *t, unsigned *ret_cols, unsigned *ret_rows)
{
    struct winsize size = {0};
    const bool known = ioctl(t->fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0;
    const unsigned cols = known ? size.ws_col : DEFAULT_COLS;
    const unsigned rows = known ? size.ws_row : DEFAULT_ROWS;
    *ret_cols = cols < GRID_COLS_MAX ? cols : GRID_COLS_MAX;
    *ret_rows = rows < GRID_ROWS_MAX ? rows : GRID_ROWS_MAX;
}

static CS_RESULT make_grid(struct arena *arena, const struct flow *f, const struct flow_world *w, struct grid *g)
{
    TRY(screen_grid_init(g, f->cols, f->rows, arena));
    if (flow_page_cols(f->cols, f->rows) == 0) {
        screen_grid_small(g);
        return CS_SUCCESS;
    }
    struct scene *scene = arena_alloc(arena, sizeof(*scene));
    ENSURE(scene != NULL, CS_E_NOMEM, "scene");
    TRY(screen_scene(f, w, arena, scene));
    return screen_grid_draw(g, scene, arena);
}

CS_RESULT kiosk_tty_show(struct kiosk_tty *t, const struct flow *f, const struct flow_world *w)
{
    const unsigned next = 1U - t->shown;
    struct grid g = {0};
    arena_reset(&t->arena[next]);
    TRY(make_grid(&t->arena[next], f, w, &g));
    AUTO_WRITER out = wr_heap(OUT_BYTES);
    wr_text(&out, t->grid.cell == NULL ? screen_ansi_clear : "");
    screen_ansi(t->grid.cell != NULL ? &t->grid : NULL, &g, t->colour, &out);
    TRY(wr_end(&out, "terminal"));
    TRY(file_write_all(t->fd, wr_span(&out)));
    t->grid = g;
    t->shown = next;
    return CS_SUCCESS;
}

void kiosk_tty_forget(struct kiosk_tty *t)
{
    t->grid.cell = NULL;
}
