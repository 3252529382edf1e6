// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/base/permission.c */
/* "run as root" is the hint for ordinary users; root is told which restriction took the permission
 * away.
 */
#include <errno.h>
#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/permission.h"

#define BIT(capability) (1ULL << (capability))
#define ALL		((1ULL << 41) - 1)
#define OF_BPF		(BIT(CAP_BPF) | BIT(CAP_PERFMON) | BIT(CAP_NET_ADMIN))

static const char *explained(struct permission_facts facts, enum permission what, int err)
{
	static char hint[PERMISSION_HINT_MAX];

	permission_explain(&facts, what, err, hint);
	return hint;
}

static void who_is_not_root_is_told_to_be(void **state)
{
	const struct permission_facts nobody = {.user = 65534};

	assert_string_equal(explained(nobody, PERMISSION_BPF, -EPERM),
			    "; run as root, or with CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN");
	assert_string_equal(explained(nobody, PERMISSION_FILE, -EACCES), "; run as root");
	assert_string_equal(explained(nobody, PERMISSION_MOUNT, -EPERM), "; run as root");
}

static void only_what_it_lacks_is_named(void **state)
{
	const struct permission_facts some = {.user = 100,
					      .capabilities = BIT(CAP_BPF) | BIT(CAP_NET_ADMIN)};

	assert_string_equal(explained(some, PERMISSION_BPF, -EPERM),
			    "; run as root, or with CAP_PERFMON");
	assert_false(permission_given(&some, PERMISSION_BPF));
}

static void root_is_never_told_to_run_as_root(void **state)
{
	const struct permission_facts roots[] = {
		{.capabilities = ALL},
		{.capabilities = ALL & ~OF_BPF & ~BIT(CAP_SYS_ADMIN)},
		{.capabilities = 0},
		{.capabilities = ALL, .filtered = true},
		{.capabilities = ALL, .in_user_namespace = true},
		{.capabilities = ALL, .lockdown = "confidentiality"},
	};

	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++)
		for (int what = PERMISSION_BPF; what <= PERMISSION_FILE; what++) {
			const char *hint = explained(roots[i], what, -EPERM);

			assert_null(strstr(hint, "as root"));
			assert_true(strlen(hint) > 2);
			assert_null(strchr(hint, '\n'));
			assert_true(strlen(hint) < PERMISSION_HINT_MAX - 1);
		}
}

static void root_is_told_what_takes_it_from_root(void **state)
{
	const struct permission_facts container = {.capabilities = ALL & ~BIT(CAP_BPF) &
								   ~BIT(CAP_SYS_ADMIN)};
	const struct permission_facts filtered = {.capabilities = ALL, .filtered = true};
	const struct permission_facts namespace = {.capabilities = ALL, .in_user_namespace = true};
	const struct permission_facts locked = {.capabilities = ALL, .lockdown = "integrity"};
	const struct permission_facts module = {.capabilities = ALL};

	assert_non_null(
		strstr(explained(container, PERMISSION_BPF, -EPERM), "root lacks CAP_BPF here"));
	assert_non_null(strstr(explained(container, PERMISSION_MOUNT, -EPERM),
			       "root lacks CAP_SYS_ADMIN here"));
	assert_non_null(strstr(explained(filtered, PERMISSION_BPF, -EPERM), "seccomp"));
	assert_non_null(strstr(explained(namespace, PERMISSION_BPF, -EPERM), "user namespace"));
	assert_non_null(
		strstr(explained(locked, PERMISSION_BPF, -EPERM), "locked down (integrity)"));
	assert_non_null(strstr(explained(module, PERMISSION_BPF, -EPERM), "security module"));
}

static void sys_admin_stands_for_bpf_but_not_for_net_admin(void **state)
{
	const struct permission_facts admin = {.user = 7, .capabilities = BIT(CAP_SYS_ADMIN)};
	const struct permission_facts both = {.user = 7,
					      .capabilities =
						      BIT(CAP_SYS_ADMIN) | BIT(CAP_NET_ADMIN)};

	assert_string_equal(explained(admin, PERMISSION_BPF, -EPERM),
			    "; run as root, or with CAP_NET_ADMIN");
	assert_true(permission_given(&both, PERMISSION_BPF));
}

static void other_errors_are_not_explained_by_permission(void **state)
{
	const struct permission_facts nobody = {.user = 65534};

	assert_string_equal(explained(nobody, PERMISSION_BPF, -ENOMEM), "");
	assert_string_equal(explained(nobody, PERMISSION_FILE, -ENOENT), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_not_root_is_told_to_be),
		cmocka_unit_test(only_what_it_lacks_is_named),
		cmocka_unit_test(root_is_never_told_to_run_as_root),
		cmocka_unit_test(root_is_told_what_takes_it_from_root),
		cmocka_unit_test(sys_admin_stands_for_bpf_but_not_for_net_admin),
		cmocka_unit_test(other_errors_are_not_explained_by_permission),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
