/* SPDX-License-Identifier: GPL-2.0-only */
/* Switches from one stack to another. */
#ifndef SLASH64_EXPLORE_SWITCH_H
#define SLASH64_EXPLORE_SWITCH_H

#include <stdint.h>

#ifdef __x86_64__

struct stack {
	void *at;
};

__attribute__((naked, noinline, unused)) static void stack_switch(struct stack *from,
								  const struct stack *to)
{
	__asm__("push %rbp\n\tpush %rbx\n\tpush %r12\n\tpush %r13\n\tpush %r14\n\tpush %r15\n\t"
		"mov %rsp, (%rdi)\n\tmov (%rsi), %rsp\n\t"
		"pop %r15\n\tpop %r14\n\tpop %r13\n\tpop %r12\n\tpop %rbx\n\tpop %rbp\n\tret");
}

/* `run` must not return. */
static inline void stack_make(struct stack *stack, void *memory, uintptr_t bytes, void (*run)(void))
{
	void **top = (void **)((char *)memory + bytes);

	*--top = NULL; /* keeps the alignment that a called function expects */
	*--top = (void *)run;
	for (int i = 0; i < 6; i++)
		*--top = NULL;
	stack->at = top;
}

#else
#include <ucontext.h>

struct stack {
	ucontext_t at;
};

static inline void stack_switch(struct stack *from, const struct stack *to)
{
	swapcontext(&from->at, &to->at);
}

static inline void stack_make(struct stack *stack, void *memory, uintptr_t bytes, void (*run)(void))
{
	getcontext(&stack->at);
	stack->at.uc_stack.ss_sp = memory;
	stack->at.uc_stack.ss_size = bytes;
	makecontext(&stack->at, run, 0);
}

#endif
#endif
