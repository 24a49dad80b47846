/* The running kernel's numbers in a program, for the addon and for fixtures that load programs without it. */
#ifndef KERNEL_NUMBERS_H
#define KERNEL_NUMBERS_H

#include <bpf/libbpf.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Fills the running kernel's numbers (ebpf/include/alf/kernel.h) into a program that is not loaded yet.
 *
 * Return: 0, or -1 with errno: ENOTSUP if the kernel does not have all of them
 */
int alf_fill_kernel_numbers(struct bpf_program *program);

#ifdef __cplusplus
}
#endif

#endif
