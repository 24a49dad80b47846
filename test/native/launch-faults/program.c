/* An eBPF filter without libbpf. */
#define _GNU_SOURCE
#include <linux/bpf.h>
#include <linux/filter.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "faults.h"

#define SOURCE_ADDRESS (SKF_NET_OFF + 12)
#define DENIED 0x7f000002
#define WHOLE_PACKET (-1)

static struct bpf_insn insn(uint8_t code, uint8_t dst, uint8_t src, int16_t off, int32_t imm)
{
	return (struct bpf_insn){ .code = code, .dst_reg = dst, .src_reg = src, .off = off, .imm = imm };
}

int load_program(void)
{
	const struct bpf_insn insns[] = {
		insn(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_6, BPF_REG_1, 0, 0),
		insn(BPF_LD | BPF_ABS | BPF_W, 0, 0, 0, SOURCE_ADDRESS),
		insn(BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0, 0, 2, DENIED),
		insn(BPF_ALU | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, WHOLE_PACKET),
		insn(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
		insn(BPF_ALU | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0),
		insn(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	union bpf_attr attributes;
	long fd;

	memset(&attributes, 0, sizeof(attributes));
	attributes.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	attributes.insns = (uint64_t)(uintptr_t)insns;
	attributes.insn_cnt = sizeof(insns) / sizeof(insns[0]);
	attributes.license = (uint64_t)(uintptr_t) "MIT";
	fd = syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof(attributes));
	if (fd < 0)
		fail("bpf");
	return (int)fd;
}
