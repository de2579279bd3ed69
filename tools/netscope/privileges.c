/* SPDX-License-Identifier: MIT
 *
 * The steps in their order, and which of them a run takes.
 */
#include "tools/netscope/privileges.h"

#include "backends/sources/dpdk.h"
#include "tools/netscope/sandbox.h"
#include "tools/netscope/say.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

enum phase { DROP, CONFINE };

static const struct step {
	const char *name;
	enum phase phase;
	int (*take)(const struct nsc_settings *, char said[NSC_SANDBOX_SAID], struct nsc_error *);
} steps[] = {
	{ "user", DROP, nsc_sandbox_user },          { "no-new-privs", CONFINE, nsc_sandbox_no_new_privs },
	{ "no-dump", CONFINE, nsc_sandbox_no_dump }, { "landlock", CONFINE, nsc_sandbox_landlock },
	{ "seccomp", CONFINE, nsc_sandbox_seccomp }, /* last: the others need calls that it refuses */
};

/* --- which ------------------------------------------------------------------------------------ */

static bool is_step(const char *name, size_t length)
{
	for (size_t i = 0; i < NSC_ARRAY_LEN(steps); i++)
		if (strlen(steps[i].name) == length && !memcmp(steps[i].name, name, length))
			return true;
	return false;
}

static bool holds(const char *list, const char *name)
{
	for (size_t length; *list; list += length + (list[length] == ',')) {
		length = strcspn(list, ",");
		if (strlen(name) == length && !memcmp(list, name, length))
			return true;
	}
	return false;
}

int nsc_privileges_check(const char *list, struct nsc_error *error)
{
	for (size_t length; *list; list += length + (list[length] == ',')) {
		length = strcspn(list, ",");
		if (!is_step(list, length))
			return nsc_fail(error, -EINVAL,
					"--sandbox-off names steps out of user, no-new-privs, no-dump, "
					"landlock, seccomp; found \"%.*s\"",
					(int)NSC_MIN(length, (size_t)100), list);
	}
	return 0;
}

bool nsc_privileges_wanted(const struct nsc_settings *settings, bool exposed)
{
	return settings->sandbox == NSC_SANDBOX_ALWAYS ||
	       (settings->sandbox == NSC_SANDBOX_AUTO && (exposed || settings->user[0]));
}

/* --- one after the other ---------------------------------------------------------------------- */

static unsigned threads(void)
{
	DIR *folder = opendir("/proc/self/task");
	const struct dirent *entry;
	unsigned n = 0;

	while (folder && (entry = readdir(folder)))
		n += entry->d_name[0] != '.';
	if (folder)
		closedir(folder);
	return n;
}

static int step_take(const struct step *step, const struct nsc_settings *settings, struct nsc_error *error)
{
	char said[NSC_SANDBOX_SAID] = "left out by --sandbox-off";
	struct nsc_error why;
	int status = holds(settings->sandbox_off, step->name) ? 0 : step->take(settings, said, &why);

	if (status)
		return nsc_fail(error, status, "%.350s; to run without this step: --sandbox-off %s", why.text,
				step->name);
	if (settings->verbose)
		nsc_tell(stderr, "sandbox: %s: %s", step->name, said);
	return 0;
}

static int take_all(enum phase phase, const struct nsc_settings *settings, struct nsc_error *error)
{
	int status = 0;

	if (threads() > 1 + nsc_dpdk_threads())
		return nsc_fail(error, -EBUSY,
				"privileges cannot be given up while %u threads run: this is a bug in netscope",
				threads());
	for (size_t i = 0; i < NSC_ARRAY_LEN(steps) && !status; i++)
		if (steps[i].phase == phase)
			status = step_take(&steps[i], settings, error);
	return status;
}

int nsc_privileges_drop(const struct nsc_settings *settings, struct nsc_error *error)
{
	return take_all(DROP, settings, error);
}

void nsc_privileges_explain(struct nsc_error *error)
{
	const char *name = nsc_sandbox_user_name();
	struct nsc_error why = *error;

	if (name)
		nsc_fail(error, 0,
			 "%.250s; outputs are opened as the user %s: use a folder that it may write, name another "
			 "one with --user, or stay root with --sandbox-off user",
			 why.text, name);
}

void nsc_privileges_explain_reload(struct nsc_error *error)
{
	const char *name = nsc_sandbox_user_name();
	struct nsc_error why = *error;

	if (name)
		nsc_fail(error, 0, "%.400s; it is read again as the user %s", why.text, name);
}

int nsc_privileges_confine(const struct nsc_settings *settings, struct nsc_error *error)
{
	return take_all(CONFINE, settings, error);
}

int nsc_sandbox_in_threads(int (*act)(void *context), void *context)
{
	int status = nsc_dpdk_in_its_thread(act, context);

	return status ? status : act(context);
}

static int set_no_new_privs(void *unused)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}

int nsc_sandbox_no_new_privs(const struct nsc_settings *settings, char said[NSC_SANDBOX_SAID], struct nsc_error *error)
{
	int status = nsc_sandbox_in_threads(set_no_new_privs, NULL);

	if (status)
		return nsc_fail(error, status, "no_new_privs cannot be set: %s", strerror(-status));
	snprintf(said, NSC_SANDBOX_SAID, "set");
	return 0;
}

int nsc_sandbox_no_dump(const struct nsc_settings *settings, char said[NSC_SANDBOX_SAID], struct nsc_error *error)
{
#if defined(NSC_SANITIZED)
	snprintf(said, NSC_SANDBOX_SAID, "left out, because the leak checker of this build looks at the process");
#else
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return nsc_fail(error, -errno, "core dumps cannot be switched off: %s", strerror(errno));
	snprintf(said, NSC_SANDBOX_SAID, "set: no core file, no debugger");
#endif
	return 0;
}

unsigned nsc_privileges_refused(struct nsc_error *error)
{
	char name[64];
	unsigned n = nsc_sandbox_seccomp_refused(name);

	if (n)
		nsc_fail(error, -ENOSYS,
			 "seccomp refused %u system call%s, %s first, so that the run may lack something: this is a "
			 "bug in netscope; --sandbox-off seccomp runs without",
			 n, n == 1 ? "" : "s", name);
	return n;
}
