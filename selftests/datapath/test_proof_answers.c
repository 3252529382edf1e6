// SPDX-License-Identifier: GPL-2.0-only
/* Proof by handshakes, natively: which answers count, for how long, and which prove nothing. */
#include "native.h"

#include "../../bpf/extras/proof.h"

#define CLIENT	"2a00:1:2:3::4"
#define SERVER	"2a00:9:9:9::1"
#define SOURCE	0x2a00000100020003ULL
#define PORT	40000
#define SERVED	443
#define ACK	0xfffffffeU
#define UNIT	(1ULL << S64_PROOF_TIME_SHIFT)
#define HOP	62
#define GUESSES 1000000
#define NOBODY	4000 /* other ports */

static void answer(struct frame *f, const char *from, uint16_t port, uint32_t ack, uint8_t flags)
{
	uint8_t *tcp;

	ethernet(f, 0x86dd);
	ipv6(f, 6, HOP, from, SERVER);
	put_tcp(f, flags);
	finish(f);
	tcp = f->data + 54;
	tcp[0] = port >> 8;
	tcp[1] = port;
	tcp[2] = SERVED >> 8;
	tcp[3] = SERVED & 0xff;
	for (int i = 0; i < 4; i++)
		tcp[8 + i] = ack >> (24 - 8 * i);
}

static uint64_t flow_of(const struct frame *f)
{
	const uint8_t *ip = f->data + 14;
	const struct s64_seed seed = config_seed();

	return s64_proof_flow(S64_LOAD(__u64, ip + 8), S64_LOAD(__u64, ip + 16),
			      S64_LOAD(__u64, ip + 24), S64_LOAD(__u64, ip + 32),
			      S64_LOAD(__u16, ip + 40), S64_LOAD(__u16, ip + 42), &seed);
}

/* As the program at egress does it. */
static void syn_ack_went_out(const struct frame *f, uint32_t ack)
{
	uint64_t flow = flow_of(f);

	native_maps.proof->note[s64_proof_slot(flow)] = s64_proof_note_of(flow, proof_now(), ack);
}

static void come_in(struct frame *f, uint64_t src_key)
{
	s64_frame frame = {.data = f->data, .data_end = f->data + f->bytes};

	proof_answer(&frame, src_key, 54);
}

static uint32_t path_of(struct frame *f, uint32_t hop_limit)
{
	s64_frame frame = {.data = f->data, .data_end = f->data + f->bytes};

	return proof_path(&frame, hop_limit);
}

static bool is_proven(struct frame *f, uint64_t src_key)
{
	return proven_is(src_key, path_of(f, HOP), proof_now());
}

static void handshake(struct frame *f, uint16_t port)
{
	answer(f, CLIENT, port, ACK, 0x10);
	syn_ack_went_out(f, ACK);
	come_in(f, SOURCE);
}

static void two_handshakes_prove_a_source_and_one_does_not(void **state)
{
	struct frame f;

	handshake(&f, PORT);
	assert_false(is_proven(&f, SOURCE));
	handshake(&f, PORT + 1);
	assert_true(is_proven(&f, SOURCE));
	assert_false(is_proven(&f, SOURCE + 1));
}

static void an_answer_counts_once(void **state)
{
	struct frame f;

	handshake(&f, PORT);
	come_in(&f, SOURCE);
	come_in(&f, SOURCE);
	assert_false(is_proven(&f, SOURCE));
}

static void a_wrong_number_uses_up_the_note(void **state)
{
	struct frame f, wrong;

	for (int i = 0; i < 4; i++) {
		answer(&f, CLIENT, PORT + i, ACK, 0x10);
		syn_ack_went_out(&f, ACK);
		answer(&wrong, CLIENT, PORT + i, ACK + 1, 0x10);
		come_in(&wrong, SOURCE);
		come_in(&f, SOURCE);
	}
	assert_false(is_proven(&f, SOURCE));
}

static void who_guesses_proves_nothing(void **state)
{
	struct frame f;
	uint64_t random = 88172645463325252ULL;

	for (int i = 0; i < GUESSES; i++) {
		random = random * 6364136223846793005ULL + 1442695040888963407ULL;
		answer(&f, CLIENT, PORT + i % NOBODY, random >> 32, 0x10);
		if (i % 4 == 0)
			syn_ack_went_out(&f, ACK ^ random);
		come_in(&f, SOURCE);
	}
	for (uint32_t i = 0; i < S64_PROVEN_SETS; i++)
		for (int j = 0; j < S64_PROVEN_SET; j++)
			assert_true(native_maps.proven[i].entry[j].handshakes <
				    S64_PROOF_HANDSHAKES);
}

static void only_a_plain_acknowledgement_answers(void **state)
{
	static const uint8_t flags[] = {0x02, 0x12, 0x04, 0x14, 0x11, 0x01, 0x00};
	struct frame f;

	for (size_t i = 0; i < sizeof(flags); i++) {
		answer(&f, CLIENT, PORT, ACK, flags[i]);
		syn_ack_went_out(&f, ACK);
		come_in(&f, SOURCE);
		assert_int_not_equal(native_maps.proof->note[s64_proof_slot(flow_of(&f))], 0);
	}
	/* nor one with data */
	answer(&f, CLIENT, PORT, ACK, 0x18);
	put_zeros(&f, 100);
	finish(&f);
	come_in(&f, SOURCE);
	assert_int_not_equal(native_maps.proof->note[s64_proof_slot(flow_of(&f))], 0);
	answer(&f, CLIENT, PORT, ACK, 0x18);
	come_in(&f, SOURCE);
	assert_int_equal(native_maps.proof->note[s64_proof_slot(flow_of(&f))], 0);
}

static void a_late_answer_proves_nothing(void **state)
{
	struct frame f;

	for (int i = 0; i < 3; i++) {
		answer(&f, CLIENT, PORT + i, ACK, 0x10);
		syn_ack_went_out(&f, ACK);
		s64_native->now += (S64_PROOF_ANSWER + 1) * UNIT;
		come_in(&f, SOURCE);
	}
	assert_false(is_proven(&f, SOURCE));
}

static void handshakes_far_apart_prove_nothing(void **state)
{
	struct frame f;

	for (int i = 0; i < 5; i++) {
		handshake(&f, PORT + i);
		assert_false(is_proven(&f, SOURCE));
		s64_native->now += (S64_PROOF_WITHIN + 1) * UNIT;
	}
}

static void a_proof_is_kept_for_ten_minutes_after_the_last_handshake(void **state)
{
	struct frame f;

	handshake(&f, PORT);
	handshake(&f, PORT + 1);
	s64_native->now += (S64_PROOF_KEPT - 1) * UNIT;
	assert_true(is_proven(&f, SOURCE));
	handshake(&f, PORT + 2);
	s64_native->now += (S64_PROOF_KEPT - 1) * UNIT;
	assert_true(is_proven(&f, SOURCE));
	s64_native->now += 2 * UNIT;
	assert_false(is_proven(&f, SOURCE));
	/* and it begins anew */
	handshake(&f, PORT + 3);
	assert_false(is_proven(&f, SOURCE));
	handshake(&f, PORT + 4);
	assert_true(is_proven(&f, SOURCE));
}

static void it_holds_for_the_path_of_the_handshakes(void **state)
{
	struct frame f, other;

	handshake(&f, PORT);
	handshake(&f, PORT + 1);
	assert_true(proven_is(SOURCE, path_of(&f, HOP), proof_now()));
	assert_false(proven_is(SOURCE, path_of(&f, HOP + 1), proof_now()));
	other = f;
	other.data[11] ^= 1; /* another neighbour */
	assert_false(proven_is(SOURCE, path_of(&other, HOP), proof_now()));
	s64_native->config.iface_slot = 1;
	assert_false(proven_is(SOURCE, path_of(&f, HOP), proof_now()));
	/* a handshake over each of two paths is none over either */
	s64_native->config.iface_slot = 0;
	s64_native->now += (S64_PROOF_KEPT + 1) * UNIT;
	handshake(&f, PORT);
	s64_native->config.iface_slot = 1;
	handshake(&f, PORT + 1);
	assert_false(is_proven(&f, SOURCE));
}

static void new_sources_replace_the_oldest_and_never_half_of_one(void **state)
{
	const struct s64_seed seed = config_seed();
	uint64_t keys[S64_PROVEN_SET + 1];
	unsigned int count = 0;
	uint32_t set = s64_proven_set_of(SOURCE, &seed);

	for (uint64_t key = SOURCE; count <= S64_PROVEN_SET; key++)
		if (s64_proven_set_of(key, &seed) == set)
			keys[count++] = key;
	for (unsigned int i = 0; i < count; i++) {
		s64_native->now += UNIT;
		for (int j = 0; j < S64_PROOF_HANDSHAKES; j++)
			proven_add(keys[i], 7, proof_now());
		assert_true(proven_is(keys[i], 7, proof_now()));
	}
	assert_false(proven_is(keys[0], 7, proof_now()));
	for (unsigned int i = 1; i < count; i++)
		assert_true(proven_is(keys[i], 7, proof_now()));
}

static void a_set_that_another_cpu_writes_is_left_alone(void **state)
{
	const struct s64_seed seed = config_seed();
	struct s64_proven_set *set = &native_maps.proven[s64_proven_set_of(SOURCE, &seed)];

	set->control = 1;
	proven_add(SOURCE, 7, proof_now());
	proven_add(SOURCE, 7, proof_now());
	assert_false(proven_is(SOURCE, 7, proof_now()));
	set->control = 0;
	proven_add(SOURCE, 7, proof_now());
	assert_int_equal(set->control, 0);
}

/* Asymmetric routing: it sees the SYN-ACKs, or their answers, but not both. */
static void a_router_that_sees_one_direction_proves_nobody(void **state)
{
	struct frame f;

	for (int i = 0; i < 100; i++) {
		answer(&f, CLIENT, PORT + i, ACK, 0x10);
		come_in(&f, SOURCE);
	}
	assert_false(is_proven(&f, SOURCE));
	for (int i = 0; i < 100; i++) {
		answer(&f, CLIENT, PORT + i, ACK, 0x10);
		syn_ack_went_out(&f, ACK);
	}
	assert_false(is_proven(&f, SOURCE));
}

/* A translator on the way answers from another address than the one that connected. */
static void nor_does_an_answer_from_another_address_prove_anybody(void **state)
{
	struct frame f, other;

	for (int i = 0; i < 4; i++) {
		answer(&f, CLIENT, PORT + i, ACK, 0x10);
		syn_ack_went_out(&f, ACK);
		answer(&other, "64:ff9b::c000:201", PORT + i, ACK, 0x10);
		come_in(&other, SOURCE);
		assert_false(is_proven(&other, SOURCE));
	}
}

/* As two CPUs do at a tick. */
static void a_clock_that_is_a_unit_behind_changes_nothing(void **state)
{
	struct frame f;

	s64_native->now += UNIT;
	answer(&f, CLIENT, PORT, ACK, 0x10);
	syn_ack_went_out(&f, ACK);
	s64_native->now -= UNIT;
	come_in(&f, SOURCE);
	s64_native->now += UNIT;
	handshake(&f, PORT + 1);
	assert_true(is_proven(&f, SOURCE));
	s64_native->now -= UNIT;
	assert_true(is_proven(&f, SOURCE));
	handshake(&f, PORT + 2);
	assert_true(is_proven(&f, SOURCE));
	s64_native->now += UNIT;
	assert_true(is_proven(&f, SOURCE));
}

/* Who is the newest by the clock of another CPU is not replaced as the oldest. */
static void nor_does_it_take_a_place_away(void **state)
{
	const struct s64_seed seed = config_seed();
	uint32_t set = s64_proven_set_of(SOURCE, &seed);
	uint64_t keys[S64_PROVEN_SET + 1];
	unsigned int count = 0;

	for (uint64_t key = SOURCE; count <= S64_PROVEN_SET; key++)
		if (s64_proven_set_of(key, &seed) == set)
			keys[count++] = key;
	s64_native->now += 9 * UNIT;
	for (unsigned int i = 0; i < S64_PROVEN_SET; i++) {
		s64_native->now += UNIT;
		for (int j = 0; j < S64_PROOF_HANDSHAKES; j++)
			proven_add(keys[i], 7, proof_now());
	}
	s64_native->now -= UNIT;
	proven_add(keys[S64_PROVEN_SET], 7, proof_now());
	assert_false(proven_is(keys[0], 7, proof_now()));
	for (unsigned int i = 1; i < S64_PROVEN_SET; i++)
		assert_true(proven_is(keys[i], 7, proof_now()));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, native_setup, native_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(two_handshakes_prove_a_source_and_one_does_not),
		TEST(an_answer_counts_once),
		TEST(a_wrong_number_uses_up_the_note),
		TEST(who_guesses_proves_nothing),
		TEST(only_a_plain_acknowledgement_answers),
		TEST(a_late_answer_proves_nothing),
		TEST(handshakes_far_apart_prove_nothing),
		TEST(a_proof_is_kept_for_ten_minutes_after_the_last_handshake),
		TEST(it_holds_for_the_path_of_the_handshakes),
		TEST(new_sources_replace_the_oldest_and_never_half_of_one),
		TEST(a_set_that_another_cpu_writes_is_left_alone),
		TEST(a_router_that_sees_one_direction_proves_nobody),
		TEST(nor_does_an_answer_from_another_address_prove_anybody),
		TEST(a_clock_that_is_a_unit_behind_changes_nothing),
		TEST(nor_does_it_take_a_place_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
