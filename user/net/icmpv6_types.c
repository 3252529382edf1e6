// SPDX-License-Identifier: GPL-2.0-only
#include "icmpv6_types.h"

#include <slash64/classes.h>

#define ERROR_BYTES 8 /* RFC 4443 3: type, code, checksum, and a word */

/* The checks of all neighbour discovery: RFC 4861 6.1, 7.1 and 8.1, RFC 6980 5 (also for CPA and
 * CPS, though SEND's certificate messages have other lengths).
 */
#define CHECK_ND \
	(S64_CHECK_HOP_LIMIT_255 | S64_CHECK_CODE_0 | S64_CHECK_NOT_FRAGMENT | S64_CHECK_ND_OPTIONS)
#define CHECK_MLD                                                                       \
	(S64_CHECK_HOP_LIMIT_1 | S64_CHECK_SOURCE_LINK_LOCAL | S64_CHECK_ROUTER_ALERT | \
	 S64_ANY_GROUP_IS_LOCAL)
#define CHECK_MRD (S64_CHECK_HOP_LIMIT_1 | S64_CHECK_SOURCE_LINK_LOCAL)

/* Types whose codes all have one class. */
static const struct row {
	__u8 first, last;
	__u8 class;
	__u8 length_min; /* bytes, including the four of the ICMPv6 header */
	__u16 checks;
	__u8 options_at;
} rows[] = {
	{0, 127, S64_CLASS_UNASSIGNED_ERROR, 4, 0, 0},
	{128, 255, S64_CLASS_UNASSIGNED_INFO, 4, 0, 0},
	{2, 2, S64_CLASS_PACKET_TOO_BIG, ERROR_BYTES, S64_CHECK_MTU, 0},
	{100, 101, S64_CLASS_EXPERIMENTAL_ERROR, 4, 0, 0},
	{127, 127, S64_CLASS_RESERVED_ERROR, 4, 0, 0},
	{128, 128, S64_CLASS_ECHO_REQUEST, 8, S64_CHECK_ECHO_MULTICAST, 0},
	{129, 129, S64_CLASS_ECHO_REPLY, 8, 0, 0},
	/* RFC 2710 3; RFC 3590 4 allows reports and dones from ::, but no queries */
	{130, 130, S64_CLASS_MLD, 24, CHECK_MLD, 0},
	{131, 132, S64_CLASS_MLD, 24, CHECK_MLD | S64_CHECK_SOURCE_MAY_BE_UNSPECIFIED, 0},
	{133, 133, S64_CLASS_ROUTER_SOLICITATION, 8, CHECK_ND | S64_CHECK_ND_UNSPECIFIED, 8},
	{134, 134, S64_CLASS_ROUTER_ADVERTISEMENT, 16, CHECK_ND | S64_CHECK_SOURCE_LINK_LOCAL, 16},
	{135, 135, S64_CLASS_NEIGHBOR_SOLICITATION, 24,
	 CHECK_ND | S64_CHECK_ND_TARGET | S64_CHECK_ND_UNSPECIFIED, 24},
	{136, 136, S64_CLASS_NEIGHBOR_ADVERTISEMENT, 24,
	 CHECK_ND | S64_CHECK_ND_TARGET | S64_CHECK_NA_SOLICITED, 24},
	{137, 137, S64_CLASS_REDIRECT, 40, CHECK_ND | S64_CHECK_SOURCE_LINK_LOCAL, 40},
	{138, 138, S64_CLASS_ROUTER_RENUMBERING, 16, 0, 0},
	{139, 140, S64_CLASS_NODE_INFORMATION, 16, 0, 0},
	/* RFC 3122 2.1, 2.2: options from byte 8 on */
	{141, 142, S64_CLASS_INVERSE_ND, 8, S64_CHECK_HOP_LIMIT_255 | S64_CHECK_CODE_0, 0},
	{143, 143, S64_CLASS_MLDV2_REPORT, 8, CHECK_MLD | S64_CHECK_SOURCE_MAY_BE_UNSPECIFIED, 0},
	{144, 147, S64_CLASS_MOBILE_IPV6, 8, 0, 0},
	/* RFC 3971 6.4; of SEND, RFC 6980 5 forbids only a fragmented solicitation */
	{148, 148, S64_CLASS_SEND, 8, S64_CHECK_HOP_LIMIT_255 | S64_CHECK_NOT_FRAGMENT, 0},
	{149, 149, S64_CLASS_SEND, 8, S64_CHECK_HOP_LIMIT_255, 0},
	{150, 150, S64_CLASS_SEAMOBY, 4, 0, 0},
	/* RFC 4286 3.2, 4.2, 5.2 */
	{151, 151, S64_CLASS_MULTICAST_ROUTER_DISCOVERY, 8, CHECK_MRD, 0},
	{152, 153, S64_CLASS_MULTICAST_ROUTER_DISCOVERY, 4, CHECK_MRD, 0},
	{154, 154, S64_CLASS_FMIPV6, 8, S64_CHECK_HOP_LIMIT_255, 0},
	{155, 155, S64_CLASS_RPL, 4, 0, 0},
	{156, 156, S64_CLASS_ILNP, 4, 0, 0},
	{157, 158, S64_CLASS_DUPLICATE_ADDRESS, 4, 0, 0},
	{159, 159, S64_CLASS_MPL, 4, 0, 0},
	{160, 161, S64_CLASS_EXTENDED_ECHO, 8, 0, 0},
	{200, 201, S64_CLASS_EXPERIMENTAL_INFO, 4, 0, 0},
	{255, 255, S64_CLASS_RESERVED_INFO, 4, 0, 0},
};

/* Types whose codes have different classes. */
static const struct s64_icmpv6_type unreachable = {
	.class = {S64_CLASS_DESTINATION_UNREACHABLE, S64_CLASS_HEADERS_TOO_LONG,
		  S64_CLASS_DESTINATION_UNREACHABLE, S64_CLASS_UNASSIGNED_ERROR},
	.code_last = {7, 8, 9}, /* RFC 8883 3; RFC 9914 11.15 */
	.length_min = ERROR_BYTES,
};

static const struct s64_icmpv6_type time_exceeded = {
	.class = {S64_CLASS_TIME_EXCEEDED, S64_CLASS_REASSEMBLY_TIMEOUT, S64_CLASS_UNASSIGNED_ERROR,
		  S64_CLASS_UNASSIGNED_ERROR},
	.code_last = {0, 1, 255},
	.length_min = ERROR_BYTES,
};

static const struct s64_icmpv6_type parameter_problem = {
	.class = {S64_CLASS_PARAMETER_PROBLEM_HEADER, S64_CLASS_PARAMETER_PROBLEM,
		  S64_CLASS_PARAMETER_PROBLEM_EXTENDED, S64_CLASS_UNASSIGNED_ERROR},
	.code_last = {0, 2, 10},
	.length_min = ERROR_BYTES,
};

bool icmpv6_class_is_of_the_link(int class)
{
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].class == class)
			return rows[i].checks & S64_CHECK_HOP_LIMIT_255;
	return false;
}

void icmpv6_table_fill(struct s64_icmpv6_type table[S64_ICMPV6_TYPES])
{
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];

		for (unsigned int type = row->first; type <= row->last; type++)
			table[type] = (struct s64_icmpv6_type){
				.class = {row->class, row->class, row->class, row->class},
				.code_last = {255, 255, 255},
				.length_min = row->length_min,
				.checks = row->checks,
				.options_at = row->options_at,
			};
	}
	table[1] = unreachable;
	table[3] = time_exceeded;
	table[4] = parameter_problem;
}
