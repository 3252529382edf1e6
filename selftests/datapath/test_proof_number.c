// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/base/error.c */
/* What is noted of a SYN-ACK is worth nothing for any other flow. */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <slash64/proof.h>

#define ATTACKER  0x20010db80bad0001ULL
#define VICTIM	  0x20010db800c10001ULL
#define SERVER	  0x20010db8005e0001ULL
#define FLOWS	  10000
#define ANSWER_IN 4

static const struct s64_seed seed = {0x1234567890abcdefULL,
				     {0x9e3779b97f4a7c15ULL, 0xd6e8feb86659fd93ULL}};

static uint64_t flow_of(uint64_t hi, uint64_t lo)
{
	return s64_proof_flow(hi, lo, SERVER, 1, 0x1234, 0x5000, &seed);
}

/* Multiplied with an odd number, it gives 1 modulo 2^64. */
static uint64_t inverse_of(uint64_t odd)
{
	uint64_t inverse = odd;

	for (int i = 0; i < 6; i++)
		inverse *= 2 - odd * inverse;
	return inverse;
}

/* An attacker knows what answers the SYN-ACK to himself, and may have found an address of his victim
 * whose flow falls on the same place with the same tag, by trying; here, by knowing the seed.
 */
static void the_answer_of_one_flow_proves_no_other_with_the_same_place_and_tag(void **state)
{
	const uint64_t ports = 0x1234ULL << 40 | 0x5000ULL << 16;
	uint64_t apart = ((ATTACKER ^ seed.add) - (VICTIM ^ seed.add)) * seed.mul[0];
	unsigned int same = 0;

	(void)state;
	for (uint64_t i = 1; i <= FLOWS; i++) {
		uint64_t lo = i * 0x9e3779b97f4a7c15ULL, own = flow_of(ATTACKER, lo), other;
		uint32_t ack = i * 2654435761U;

		/* as far apart as i, before the halves are folded */
		other = flow_of(VICTIM,
				((lo ^ ports) + (apart + i) * inverse_of(seed.mul[1])) ^ ports);
		if (s64_proof_slot(own) != s64_proof_slot(other) ||
		    s64_proof_tag(own) != s64_proof_tag(other))
			continue;
		same++;
		assert_true(s64_proof_note_of(own, ANSWER_IN, ack) !=
			    s64_proof_note_of(other, ANSWER_IN, ack));
	}
	assert_true(same > FLOWS / 2);
}

static void a_note_is_answered_by_its_own_flow_and_number_only(void **state)
{
	uint64_t flow = flow_of(ATTACKER, 1), note = s64_proof_note_of(flow, ANSWER_IN, 77);

	(void)state;
	assert_true((uint32_t)note == s64_proof_number(flow, 77));
	assert_true((uint32_t)note != s64_proof_number(flow, 78));
	assert_int_equal(note >> 48, s64_proof_tag(flow));
	assert_int_equal(s64_proof_age(note, ANSWER_IN + 3), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_answer_of_one_flow_proves_no_other_with_the_same_place_and_tag),
		cmocka_unit_test(a_note_is_answered_by_its_own_flow_and_number_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
