// SPDX-License-Identifier: GPL-2.0-only
/* The same program for replay, tests and benchmarks, which set its clock, stop it early and skip
 * steps. The program on a NIC does not pay for these options.
 */
#define S64_INSTRUMENTED
#include "slash64.bpf.c"
