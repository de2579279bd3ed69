/* SPDX-License-Identifier: MIT
 *
 * The kernel's machine for classic BPF, as far as the programs here use it: libpcap's does not know what stands beside
 * a packet.
 */
#ifndef NETSCOPE_TESTS_BPF_MACHINE_H
#define NETSCOPE_TESTS_BPF_MACHINE_H

#include <linux/filter.h>

#include "tests/unit/engine/check_main.h"

struct seen { /* a packet as the kernel's program sees it */
	uint8_t bytes[512];
	uint32_t len;
	bool tagged;
	uint32_t tpid, tci, interface, type, protocol;
};

static inline bool machine_load(const struct seen *s, uint32_t at, uint32_t bytes, uint32_t *value)
{
	switch (at - (uint32_t)SKF_AD_OFF) {
	case SKF_AD_VLAN_TAG:
		*value = s->tci;
		return true;
	case SKF_AD_VLAN_TAG_PRESENT:
		*value = s->tagged;
		return true;
	case SKF_AD_VLAN_TPID:
		*value = s->tpid;
		return true;
	case SKF_AD_IFINDEX:
		*value = s->interface;
		return true;
	case SKF_AD_PROTOCOL:
		*value = s->protocol;
		return true;
	case SKF_AD_PKTTYPE:
		*value = s->type;
		return true;
	}
	if (at > s->len || bytes > s->len - at)
		return false;
	*value = 0;
	for (uint32_t i = 0; i < bytes; i++)
		*value = *value << 8 | s->bytes[at + i];
	return true;
}

static inline uint32_t machine_alu(uint16_t op, uint32_t a, uint32_t b)
{
	switch (op) {
	case BPF_ADD:
		return a + b;
	case BPF_SUB:
		return a - b;
	case BPF_MUL:
		return a * b;
	case BPF_DIV:
		return b ? a / b : 0;
	case BPF_AND:
		return a & b;
	case BPF_OR:
		return a | b;
	case BPF_XOR:
		return a ^ b;
	case BPF_LSH:
		return a << b;
	case BPF_RSH:
		return a >> b;
	case BPF_NEG:
		return -a;
	}
	ck_abort_msg("alu %u", op);
	return 0;
}

static inline bool machine_jumps(uint16_t op, uint32_t a, uint32_t b)
{
	switch (op) {
	case BPF_JEQ:
		return a == b;
	case BPF_JGT:
		return a > b;
	case BPF_JGE:
		return a >= b;
	case BPF_JSET:
		return a & b;
	}
	ck_abort_msg("jump %u", op);
	return false;
}

static inline uint32_t machine_run(const struct sock_filter *program, uint32_t n, const struct seen *s)
{
	uint32_t a = 0, x = 0, mem[16] = { 0 }, bytes, value;

	for (uint32_t pc = 0; pc < n; pc++) {
		const struct sock_filter *i = &program[pc];

		bytes = BPF_SIZE(i->code) == BPF_W ? 4 : BPF_SIZE(i->code) == BPF_H ? 2 : 1;
		switch (BPF_CLASS(i->code)) {
		case BPF_LD:
		case BPF_LDX:
			value = i->k;
			if (BPF_MODE(i->code) == BPF_MEM)
				value = mem[i->k];
			else if (BPF_MODE(i->code) == BPF_LEN)
				value = s->len;
			else if (BPF_MODE(i->code) != BPF_IMM &&
				 !machine_load(s, i->k + (BPF_MODE(i->code) == BPF_IND ? x : 0), bytes, &value))
				return 0;
			if (BPF_MODE(i->code) == BPF_MSH)
				value = (value & 15) * 4;
			*(BPF_CLASS(i->code) == BPF_LD ? &a : &x) = value;
			break;
		case BPF_ST:
			mem[i->k] = a;
			break;
		case BPF_STX:
			mem[i->k] = x;
			break;
		case BPF_ALU:
			a = machine_alu(BPF_OP(i->code), a, BPF_SRC(i->code) == BPF_X ? x : i->k);
			break;
		case BPF_JMP:
			if (BPF_OP(i->code) == BPF_JA)
				pc += i->k;
			else
				pc += machine_jumps(BPF_OP(i->code), a, BPF_SRC(i->code) == BPF_X ? x : i->k) ? i->jt
													      : i->jf;
			break;
		case BPF_RET:
			return BPF_RVAL(i->code) == BPF_A ? a : i->k;
		case BPF_MISC:
			*(BPF_MISCOP(i->code) == BPF_TAX ? &x : &a) = BPF_MISCOP(i->code) == BPF_TAX ? a : x;
			break;
		}
	}
	ck_abort_msg("the program runs over its end");
	return 0;
}

#endif
