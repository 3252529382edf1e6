/* SPDX-License-Identifier: GPL-2.0-only */
/* Streams of samples, made up. */
#ifndef SLASH64_UNIT_DETECT_TEST_H
#define SLASH64_UNIT_DETECT_TEST_H

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "detect/detect.h"
#include "slash64/source.h"

static const struct s64_seed any_seed = {0x1234567890abcdefULL,
					 {0x9e3779b97f4a7c15ULL, 0xd6e8feb86659fd93ULL}};

/* 2001:db8:X:Y::1, to 2001:db8:ffff::1 */
#define SITE(x, y) (0x20010db800000000ULL | (uint64_t)(x) << 16 | (y))

static inline struct s64_sample sample_of(uint64_t hi, enum s64_class class)
{
	bool tcp = class == S64_CLASS_TCP || class == S64_CLASS_TCP_SYN;

	return (struct s64_sample){
		.src_key = hi,
		.src_hi = hi,
		.src_lo = 1,
		.dst_hi = SITE(0xffff, 0),
		.dst_lo = 1,
		.dst_port = 443,
		.weight = 1,
		.length = 100,
		.link = S64_SAMPLE_NETWORK | S64_SAMPLE_UPPER,
		.protocol = tcp			   ? IPPROTO_TCP :
			    class == S64_CLASS_UDP ? IPPROTO_UDP :
						     IPPROTO_ICMPV6,
		.class = class,
		.reason = S64_REASON_POLICY,
	};
}

static inline struct detect_rules one_rule(const char *name, uint64_t classes)
{
	struct detect_rules rules;

	detect_rules_init(&rules);
	rules.count = 1;
	detect_rule_init(&rules.rule[0]);
	strcpy(rules.rule[0].name, name);
	rules.rule[0].classes = classes;
	return rules;
}

#define CLASS_BIT(class) (1ULL << S64_CLASS_##class)

#endif
