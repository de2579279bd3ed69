/* SPDX-License-Identifier: MIT
 *
 * What a capture host should look like, and what this one does: a table of checks that read and never change anything.
 * `netscope doctor` prints what they find; every run keeps the same in its summary.
 *
 * Thread: control. Allocates: the JSON text only.
 */
#ifndef TOOLS_NETSCOPE_DOCTOR_H
#define TOOLS_NETSCOPE_DOCTOR_H

#include "netscope/error.h"

#include <stdio.h>

enum nsc_doctor_level {
	NSC_DOCTOR_OK,
	NSC_DOCTOR_NOTE,    /* worth knowing; may be meant so */
	NSC_DOCTOR_WARNING, /* costs packets, or makes what is captured differ from the wire */
	NSC_DOCTOR_UNKNOWN, /* this machine does not tell */
	NSC_DOCTOR_LEVELS
};

enum { NSC_DOCTOR_INTERFACES = 16, NSC_DOCTOR_MACHINE_MAX = 20, NSC_DOCTOR_INTERFACE_MAX = 14 }; /* findings of each */
enum { NSC_DOCTOR_MAX = NSC_DOCTOR_MACHINE_MAX + NSC_DOCTOR_INTERFACES * NSC_DOCTOR_INTERFACE_MAX };
enum { NSC_DOCTOR_TEXT = 256, NSC_DOCTOR_FIX = 384 };

struct nsc_doctor_finding {
	const char *name;
	const char *interface; /* NULL: of the machine */
	enum nsc_doctor_level level;
	char found[NSC_DOCTOR_TEXT]; /* "" when unknown */
	const char *why;             /* why it matters */
	char fix[NSC_DOCTOR_FIX];    /* a command, or what to add to the boot parameters; "" = nothing to do */
};

struct nsc_doctor {
	uint32_t interfaces; /* 0: the machine only */
	const char *interface[NSC_DOCTOR_INTERFACES];
	uint32_t n;
	struct nsc_doctor_finding finding[NSC_DOCTOR_MAX];
};

/* Where the checks look, so that a test can show them another machine. */
struct nsc_doctor_probe {
	const char *sys, *proc; /* "/sys", "/proc" */
	const char *root;       /* "": where the paths of mount points begin */
	/* SIOCETHTOOL with a struct of <linux/ethtool.h>: 0 or -errno */
	int (*ethtool)(void *context, const char *interface, void *command);
	int (*landlock)(void *context); /* version of its interface, or -errno */
	void *context;
};

extern const struct nsc_doctor_probe nsc_doctor_here;

/* Whether the files that most checks read are not there at all, as in a container without /proc: which, in a sentence.
 */
bool nsc_doctor_is_blind(const struct nsc_doctor_probe *probe, struct nsc_error *error);

/* Runs the checks of the machine and, unless `interface` is NULL, those of the interface. `interface` is borrowed. 0,
 * or -ENODEV and one sentence when there is no such interface. */
int nsc_doctor_look(struct nsc_doctor *doctor, const struct nsc_doctor_probe *probe, const char *interface,
		    struct nsc_error *error);

/* Runs the checks of one more interface, 0..NSC_DOCTOR_INTERFACES in all. The same errors. */
int nsc_doctor_look_also(struct nsc_doctor *doctor, const struct nsc_doctor_probe *probe, const char *interface,
			 struct nsc_error *error);

/* For a person. `color` allows ANSI colours. */
void nsc_doctor_print(FILE *out, const struct nsc_doctor *doctor, bool color);

/* One JSON object, to be freed with free(); NULL without memory. */
char *nsc_doctor_json(const struct nsc_doctor *doctor);

#endif
