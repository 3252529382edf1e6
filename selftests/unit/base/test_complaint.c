// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/base/complaint.c */
/* A verifier's log has thousands of lines. The few that give the reason are reported, in one line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/complaint.h"

static const char *last_lines(const char *log)
{
	static char text[COMPLAINT_MAX];

	verifier_last_lines(log, strlen(log), text, sizeof(text));
	assert_null(strchr(text, '\n'));
	return text;
}

/* Linux 6.18, for code of clang 19. */
static void the_reason_and_its_instruction_are_kept(void **state)
{
	assert_string_equal(
		last_lines(
			"3803: (bc) w9 = w6                    ; R6=scalar(id=73) R9=scalar(id=73)\n"
			"3804: (bf) r4 = r0                    ; R0=map_value(map=s64_counters,ks=4)\n"
			"; counter->packets++; @ count.h:21\n"
			"3805: (79) r2 = *(u64 *)(r4 +0)\n"
			"invalid access to map value, value_size=132160 off=134192 size=8\n"
			"R4 max value is outside of the allowed memory range\n"
			"processed 1649 insns (limit 1000000) max_states_per_insn 4 total_states 105\n"),
		"3805: (79) r2 = *(u64 *)(r4 +0); invalid access to map value, value_size=132160 off=134192 size=8; "
		"R4 max value is outside of the allowed memory range");
}

/* Linux 6.1 prints register states on lines of their own and after an instruction. */
static void states_and_the_search_for_precision_are_left_out(void **state)
{
	assert_string_equal(
		last_lines(
			"; entry = gate[hi >> 48];\n"
			"66: (0f) r0 += r3                     ; R0_w=map_value(off=0,ks=4,vs=65536)\n"
			"last_idx 66 first_idx 60\n"
			"regs=8 stack=0 before 65: (77) r3 >>= 48\n"
			"parent didn't have regs=8 stack=0 marks\n"
			"67: (71) r1 = *(u8 *)(r0 +0)          ; R0_w=map_value(off=0)\n"
			"R0 unbounded memory access, make sure to bounds check any such access\n"
			"from 67 to 68: R0=inv(id=0)\n"
			"verification time 1402 usec\n"
			"stack depth 24+0\n"
			"processed 67 insns (limit 1000000) max_states_per_insn 0\n"),
		"67: (71) r1 = *(u8 *)(r0 +0); R0 unbounded memory access, make sure to bounds check any "
		"such access");
}

static void a_program_that_is_too_large_is_told(void **state)
{
	assert_non_null(
		strstr(last_lines(
			       "8944: (67) r6 <<= 3                   ; R6=scalar()\n"
			       "8945: (4c) w6 |= w2\n"
			       "BPF program is too large. Processed 1000001 insn\n"
			       "processed 1000001 insns (limit 1000000) max_states_per_insn 41\n"),
		       "BPF program is too large. Processed 1000001 insn"));
}

static void no_log_is_no_line(void **state)
{
	assert_string_equal(last_lines(""), "");
	assert_string_equal(last_lines("\n\n"), "");
	assert_string_equal(last_lines("processed 0 insns (limit 1000000)\n"), "");
}

static void what_has_no_instruction_is_told_in_its_last_lines(void **state)
{
	assert_string_equal(last_lines("one\ntwo\nthree\nfour\nfive"), "two; three; four; five");
}

static void a_long_line_is_cut(void **state)
{
	char log[4096];

	memset(log, 'x', sizeof(log) - 1);
	log[sizeof(log) - 1] = '\0';
	assert_true(strlen(last_lines(log)) < COMPLAINT_MAX);
	for (size_t i = 200; i < sizeof(log) - 1; i += 200)
		log[i] = '\n';
	assert_true(strlen(last_lines(log)) < COMPLAINT_MAX);
}

static void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complaint_keep(format, args);
	va_end(args);
}

/* Formats of libbpf 1.1 and 1.5. */
static void of_what_libbpf_prints_the_log_is_found(void **state)
{
	complaint_forget();
	say("libbpf: prog '%s': BPF program load failed: %s\n", "slash64", "Permission denied");
	say("libbpf: prog '%s': -- BEGIN PROG LOAD LOG --\n%s-- END PROG LOAD LOG --\n", "slash64",
	    "9: (79) r2 = *(u64 *)(r4 +0)\nR4 min value is negative\nprocessed 3 insns\n");
	say("libbpf: failed to load object '%s'\n", "slash64_bpf");
	assert_string_equal(complaint_verifier(),
			    "9: (79) r2 = *(u64 *)(r4 +0); R4 min value is negative");
	assert_string_equal(complaint_last(), "libbpf: failed to load object 'slash64_bpf'");
	complaint_forget();
	assert_string_equal(complaint_verifier(), "");
	assert_string_equal(complaint_last(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_reason_and_its_instruction_are_kept),
		cmocka_unit_test(states_and_the_search_for_precision_are_left_out),
		cmocka_unit_test(a_program_that_is_too_large_is_told),
		cmocka_unit_test(no_log_is_no_line),
		cmocka_unit_test(what_has_no_instruction_is_told_in_its_last_lines),
		cmocka_unit_test(a_long_line_is_cut),
		cmocka_unit_test(of_what_libbpf_prints_the_log_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
