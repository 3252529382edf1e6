// SPDX-License-Identifier: GPL-2.0-only
/* A program behind libxdp's dispatcher that cannot be taken out stays, with its pin, and whoever asked for it is told;
 * with stand-ins of libxdp, and of what replaces a dispatcher. test_dispatcher.py has both in a kernel.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <xdp/libxdp.h>
#include <cmocka.h>

#include "base/error.h"
#include "daemon/attach/xdp/dispatcher/dirs.h"
#include "daemon/attach/xdp/dispatcher/replace.h"
#include "daemon/attach/xdp/xdp_attach.h"
#include "daemon/attach/xdp/xdp_dispatcher.h"
#include "daemon/attach/xdp/xdp_pins.h"

#define OURS	100
#define ANOTHER 7
#define IFINDEX 3

/* What those here answer, and what was asked of them. */
static struct {
	int take_out, lock, detach;
	uint32_t behind; /* the dispatcher, as libxdp has it; 0: none */
	unsigned int detached, closed, unpinned;
} the;

int dispatcher_take_out(unsigned int ifindex, bool generic, uint32_t id)
{
	assert_int_equal(ifindex, IFINDEX);
	assert_int_equal(id, OURS);
	return the.take_out;
}

int dispatcher_put(const struct maps *maps, uint32_t slot, unsigned int ifindex, bool generic,
		   const char *programs, struct attachment *out, struct error *error)
{
	fail();
	return -EIO;
}

int dispatcher_put_back(const struct attachment *now, int fd, const char *programs, uint64_t owner,
			struct error *error)
{
	fail();
	return -EIO;
}

int dispatcher_lock(void)
{
	return the.lock ? the.lock : dup(0);
}

unsigned int dispatcher_programs(unsigned int ifindex, uint32_t id[DISPATCHER_PROGRAMS_MAX])
{
	fail();
	return 0;
}

uint32_t program_id_of(int fd)
{
	return fd;
}

void program_unpin(const char *programs, uint32_t id)
{
	assert_int_equal(id, OURS);
	the.unpinned++;
}

/* --- what a detach does not need --- */

int program_fd(const char *programs, uint32_t id)
{
	fail();
	return -EIO;
}

int program_pinned_fd(const char *programs, uint32_t id)
{
	fail();
	return -EIO;
}

int program_pin(const char *programs, int fd)
{
	fail();
	return -EIO;
}

void programs_sweep(const char *programs, bool (*wanted)(uint32_t program_id, void *data),
		    void *data)
{
	fail();
}

void dispatcher_make_root(void)
{
	fail();
}

/* --- libxdp --- */

struct xdp_multiprog {
	char any;
};

static struct xdp_multiprog multiprog;

struct xdp_multiprog *xdp_multiprog__get_from_ifindex(int ifindex)
{
	assert_int_equal(ifindex, IFINDEX);
	return the.behind ? &multiprog : NULL;
}

long libxdp_get_error(const void *of)
{
	return of ? 0 : -ENOENT;
}

struct xdp_program *xdp_multiprog__next_prog(const struct xdp_program *program,
					     const struct xdp_multiprog *of)
{
	assert_ptr_equal(of, &multiprog);
	return program ? NULL : (struct xdp_program *)&the.behind;
}

int xdp_program__fd(const struct xdp_program *program)
{
	return *(const uint32_t *)(const void *)program;
}

int xdp_program__detach(struct xdp_program *program, int ifindex, enum xdp_attach_mode mode,
			unsigned int flags)
{
	assert_ptr_equal(program, &the.behind);
	assert_int_equal(mode, XDP_MODE_NATIVE);
	the.detached++;
	return the.detach;
}

void xdp_multiprog__close(struct xdp_multiprog *of)
{
	the.closed++;
}

/* --- tests --- */

static struct error error;

static int detach(void)
{
	const struct attachment attachment = {IFINDEX, OURS, false, ATTACH_DISPATCHER};

	error.text[0] = '\0';
	return attach_detach(&attachment, "wan0", "/nowhere", &error);
}

static int nothing_fails(void **state)
{
	memset(&the, 0, sizeof(the));
	the.behind = OURS;
	return 0;
}

static void what_is_taken_out_is_not_pinned_any_more(void **state)
{
	assert_int_equal(detach(), 0);
	assert_int_equal(the.unpinned, 1);
	assert_int_equal(the.detached, 0);
}

static void one_that_was_gone_is_not_pinned_any_more(void **state)
{
	the.take_out = -ENOENT;
	assert_int_equal(detach(), 0);
	assert_int_equal(the.unpinned, 1);
}

static void what_the_kernel_does_not_replace_stays(void **state)
{
	the.take_out = -EPERM;
	assert_int_equal(detach(), -EPERM);
	assert_string_equal(error.text,
			    "cannot detach from wan0: Operation not permitted; 'ip link "
			    "set wan0 xdp off' does");
	assert_int_equal(the.unpinned, 0);
	assert_int_equal(the.detached, 0);
}

/* A dispatcher of another version: libxdp's own affair. */
static void a_dispatcher_of_another_version_is_left_to_libxdp(void **state)
{
	the.take_out = -EPROTO;
	assert_int_equal(detach(), 0);
	assert_int_equal(the.detached, 1);
	assert_int_equal(the.closed, 1);
	assert_int_equal(the.unpinned, 1);
}

static void what_libxdp_does_not_detach_stays(void **state)
{
	the.take_out = -EPROTO;
	the.detach = -EBUSY;
	assert_int_equal(detach(), -EBUSY);
	assert_string_equal(error.text,
			    "cannot detach from wan0: Device or resource busy; 'ip link "
			    "set wan0 xdp off' does");
	assert_int_equal(the.closed, 1);
	assert_int_equal(the.unpinned, 0);
}

static void that_of_another_is_not_detached(void **state)
{
	the.take_out = -EPROTO;
	the.behind = ANOTHER;
	assert_int_equal(detach(), 0);
	assert_int_equal(the.detached, 0);
}

static void a_lock_that_somebody_holds_is_told(void **state)
{
	the.take_out = -EPROTO;
	the.lock = -ETIMEDOUT;
	assert_int_equal(detach(), -ETIMEDOUT);
	assert_non_null(strstr(error.text, "fuser -v /sys/fs/bpf/xdp"));
	assert_int_equal(the.detached, 0);
	assert_int_equal(the.unpinned, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_is_taken_out_is_not_pinned_any_more, nothing_fails),
		cmocka_unit_test_setup(one_that_was_gone_is_not_pinned_any_more, nothing_fails),
		cmocka_unit_test_setup(what_the_kernel_does_not_replace_stays, nothing_fails),
		cmocka_unit_test_setup(a_dispatcher_of_another_version_is_left_to_libxdp,
				       nothing_fails),
		cmocka_unit_test_setup(what_libxdp_does_not_detach_stays, nothing_fails),
		cmocka_unit_test_setup(that_of_another_is_not_detached, nothing_fails),
		cmocka_unit_test_setup(a_lock_that_somebody_holds_is_told, nothing_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
