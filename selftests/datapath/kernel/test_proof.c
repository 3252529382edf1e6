// SPDX-License-Identifier: GPL-2.0-only
/* The program at egress and the datapath together, in the kernel: which SYN-ACKs are noted, and that
 * their answers prove the source.
 */
#include "native.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "config/config.h"
#include "daemon/attach/egress/proof.h"
#include "maps/extras.h"
#include "proof.skel.h"
#include "replay/runner.h"
#include "slash64.skel.h"

#define CLIENT	 "2a00:1:2:3::4"
#define SERVER	 "2a00:9:9:9::1"
#define SOURCE	 0x2a00000100020003ULL
#define SEQ	 0xffffffffU /* the answer is 0 */
#define FLAGS_AT 13

static struct runner runner;
static struct proof_bpf *egress;
static struct slash64_bpf *ingress;

static void fail_on(int err, const struct error *error)
{
	if (err)
		fail_msg("%s", error->text);
}

static int open_both(void **state)
{
	static struct config config;
	struct error error;

	(void)state;
	config_init(&config);
	fail_on(runner_open(&runner, &config, S64_STEP_ALL, S64_TEST_BY_ADDRESS, &error), &error);
	ingress = program_open(&runner.maps, 0, S64_CLOCK_KERNEL, &error);
	assert_non_null(ingress);
	fail_on(program_load(ingress->obj, &error), &error);
	egress = proof_bpf__open();
	assert_non_null(egress);
	fail_on(program_bind(egress->obj, (struct s64_config *)&egress->rodata->config,
			     &runner.maps, 0, S64_CLOCK_KERNEL, &error),
		&error);
	fail_on(program_load(egress->obj, &error), &error);
	return 0;
}

static int close_both(void **state)
{
	(void)state;
	proof_bpf__destroy(egress);
	slash64_bpf__destroy(ingress);
	runner_close(&runner);
	return 0;
}

static int begin(void **state)
{
	(void)state;
	memset(runner.maps.proof->note, 0, sizeof(runner.maps.proof->note));
	memset(runner.maps.proven, 0, runner.maps.bytes[MAP_PROVEN]);
	runner.maps.proof->share = S64_PROOF_SHARE_ALL;
	extra_set_everywhere(&runner.maps, S64_EXTRA_PROOF, true);
	return 0;
}

static int run(const struct bpf_program *program, const struct frame *f)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = f->data, .data_size_in = f->bytes,
		    .repeat = 1);

	assert_int_equal(bpf_prog_test_run_opts(bpf_program__fd(program), &opts), 0);
	return opts.retval;
}

static void set16(uint8_t *p, uint16_t v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static void set32(uint8_t *p, uint32_t v)
{
	set16(p, v >> 16);
	set16(p + 2, v);
}

/* From the server, to the port of the client; `tags` in the frame. */
static void syn_ack(struct frame *f, uint16_t port, unsigned int tags, bool session, uint8_t flags)
{
	uint8_t *tcp;

	ethernet(f, tags ? 0x8100 : session ? 0x8864 : 0x86dd);
	for (unsigned int i = 0; i < tags; i++) {
		put16(f, 7 + i);
		put16(f, i + 1 < tags ? 0x8100 : session ? 0x8864 : 0x86dd);
	}
	if (session) {
		put16(f, 0x1100);
		put16(f, 1);
		put16(f, 62);
		put16(f, 0x57);
	}
	ipv6(f, 6, 64, SERVER, CLIENT);
	put_tcp(f, flags);
	finish(f);
	tcp = f->data + f->ipv6 + 40;
	set16(tcp, 443);
	set16(tcp + 2, port);
	set32(tcp + 4, SEQ);
}

static void answer(struct frame *f, uint16_t port, uint32_t ack, unsigned int tags)
{
	uint8_t *tcp;

	ethernet(f, tags ? 0x8100 : 0x86dd);
	if (tags) {
		put16(f, 7);
		put16(f, 0x86dd);
	}
	ipv6(f, 6, 61, CLIENT, SERVER);
	put_tcp(f, 0x10);
	finish(f);
	tcp = f->data + f->ipv6 + 40;
	set16(tcp, port);
	set16(tcp + 2, 443);
	set32(tcp + 8, ack);
}

static unsigned int notes(void)
{
	unsigned int count = 0;

	for (int i = 0; i < S64_PROOF_NOTES; i++)
		count += runner.maps.proof->note[i] != 0;
	return count;
}

static void a_handshake_is_completed_by_the_number_that_was_sent(void **state)
{
	struct frame f;

	(void)state;
	for (uint16_t port = 40000; port < 40002; port++) {
		assert_int_equal(proof_since_ms(&runner.maps, SOURCE), 0);
		syn_ack(&f, port, 0, false, 0x12);
		assert_int_equal(run(egress->progs.slash64_proof, &f), -1);
		assert_int_equal(notes(), 1);
		answer(&f, port, SEQ + 1, 0);
		run(ingress->progs.slash64, &f);
		assert_int_equal(notes(), 0);
	}
	assert_true(proof_since_ms(&runner.maps, SOURCE) > 0);
}

static void it_is_so_behind_tags_and_in_a_session(void **state)
{
	struct frame f;

	(void)state;
	for (unsigned int i = 0; i < 6; i++) {
		syn_ack(&f, 40000 + i, i % 3, i >= 3, 0x12);
		run(egress->progs.slash64_proof, &f);
		assert_int_equal(notes(), 1);
		answer(&f, 40000 + i, SEQ + 1, 1);
		run(ingress->progs.slash64, &f);
		assert_int_equal(notes(), 0);
	}
	assert_true(proof_since_ms(&runner.maps, SOURCE) > 0);
}

static void nothing_else_is_noted(void **state)
{
	static const uint8_t flags[] = {0x02, 0x10, 0x11, 0x14, 0x16, 0x13, 0x00};
	struct frame f;

	(void)state;
	for (size_t i = 0; i < sizeof(flags); i++) {
		syn_ack(&f, 40000, 0, false, flags[i]);
		assert_int_equal(run(egress->progs.slash64_proof, &f), -1);
	}
	syn_ack(&f, 40000, 0, false, 0x12);
	f.data[f.ipv6 + 6] = 17; /* UDP */
	run(egress->progs.slash64_proof, &f);
	f.data[f.ipv6 + 6] = 0; /* hop-by-hop */
	run(egress->progs.slash64_proof, &f);
	syn_ack(&f, 40000, 3, false, 0x12);
	run(egress->progs.slash64_proof, &f);
	/* cut short everywhere: it goes on, and nothing is read behind its end */
	syn_ack(&f, 40000, 2, true, 0x12);
	for (uint32_t bytes = f.bytes - 1; bytes >= 14; bytes--) {
		struct frame cut = f;

		cut.bytes = bytes;
		assert_int_equal(run(egress->progs.slash64_proof, &cut), -1);
	}
	assert_int_equal(notes(), 0);
	runner.maps.proof->share = 0;
	syn_ack(&f, 40000, 0, false, 0x12);
	run(egress->progs.slash64_proof, &f);
	assert_int_equal(notes(), 0);
}

/* Nobody can flush the notes of others. */
static void a_note_stays_until_it_is_too_old_to_be_answered(void **state)
{
	uint64_t *note = NULL, other;
	struct frame f;

	(void)state;
	syn_ack(&f, 40000, 0, false, 0x12);
	run(egress->progs.slash64_proof, &f);
	for (int i = 0; i < S64_PROOF_NOTES; i++)
		if (runner.maps.proof->note[i])
			note = (uint64_t *)&runner.maps.proof->note[i];
	assert_non_null(note);
	other = *note ^ 1ULL << 48; /* another flow at the same place */
	*note = other;
	runner.maps.proof->seen = 0;
	run(egress->progs.slash64_proof, &f);
	assert_true(*note == other);
	assert_true(runner.maps.proof->seen); /* one has gone out, noted or not */
	*note = other - ((S64_PROOF_ANSWER + 1ULL) << 32);
	run(egress->progs.slash64_proof, &f);
	assert_true(*note >> 48 == (other ^ 1ULL << 48) >> 48);
}

static void while_it_is_off_nothing_is_looked_at(void **state)
{
	struct frame f;

	(void)state;
	extra_set_everywhere(&runner.maps, S64_EXTRA_PROOF, false);
	syn_ack(&f, 40000, 0, false, 0x12);
	run(egress->progs.slash64_proof, &f);
	answer(&f, 40000, SEQ + 1, 0);
	run(ingress->progs.slash64, &f);
	assert_int_equal(notes(), 1);
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_handshake_is_completed_by_the_number_that_was_sent),
		TEST(it_is_so_behind_tags_and_in_a_session),
		TEST(nothing_else_is_noted),
		TEST(a_note_stays_until_it_is_too_old_to_be_answered),
		TEST(while_it_is_off_nothing_is_looked_at),
	};

	return cmocka_run_group_tests(tests, open_both, close_both);
}
