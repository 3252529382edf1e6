// SPDX-License-Identifier: GPL-2.0-only
/* The same program, for replay, tests and benchmarks: they set its clock, stop it early, and leave out steps.
 * The one on a NIC does not pay for asking.
 */
#define S64_INSTRUMENTED
#include "slash64.bpf.c"
