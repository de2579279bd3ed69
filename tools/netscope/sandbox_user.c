/* SPDX-License-Identifier: MIT
 *
 * Another user, and no capability. The caller of sudo is a better choice than nobody: the folder from which that person
 * calls is usually one that they may write, and the outputs then belong to them.
 */
#include "tools/netscope/sandbox.h"

#include "tools/netscope/outputs.h"
#include "tools/netscope/privileges.h"
#include "tools/netscope/say.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534u /* where no list of users says otherwise */

struct user {
	uid_t uid;
	gid_t gid;
	char name[64];
	const char *why;
};

static char became[64];

static void take_entry(struct user *user, const struct passwd *entry)
{
	user->uid = entry->pw_uid;
	user->gid = entry->pw_gid;
	snprintf(user->name, sizeof(user->name), "%s", entry->pw_name);
}

static bool number_of(const char *text, unsigned *number)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	*number = (unsigned)value;
	return text[0] >= '0' && text[0] <= '9' && !*end && value < UINT32_MAX;
}

/* A name, or the number of a user that the system knows. */
static int named_user(struct user *user, const char *name, struct nsc_error *error)
{
	unsigned uid;
	const struct passwd *entry = getpwnam(name);

	if (!entry && number_of(name, &uid))
		entry = getpwuid(uid);
	if (!entry)
		return nsc_fail(error, -ENOENT, "--user %.100s: there is no such user", name);
	if (!entry->pw_uid)
		return nsc_fail(error, -EINVAL, "--user %.100s is root, not an unprivileged user", name);
	take_entry(user, entry);
	return 0;
}

/* The environment of a program that was made set-user-ID is not believed. */
static bool caller_of_sudo(struct user *user)
{
	const char *uid = secure_getenv("SUDO_UID"), *gid = secure_getenv("SUDO_GID"),
		   *name = secure_getenv("SUDO_USER");
	unsigned u, g;

	if (!uid || !gid || !number_of(uid, &u) || !number_of(gid, &g) || !u || !g)
		return false;
	*user = (struct user){ .uid = u, .gid = g, .why = ", who called sudo" };
	snprintf(user->name, sizeof(user->name), "%.60s", name ? name : uid);
	return true;
}

static int choose(struct user *user, const struct nsc_settings *settings, struct nsc_error *error)
{
	const struct passwd *nobody;

	user->why = "";
	if (settings->user[0])
		return named_user(user, settings->user, error);
	if (caller_of_sudo(user))
		return 0;
	*user = (struct user){ .uid = NOBODY, .gid = NOBODY, .name = "nobody", .why = "" };
	nobody = getpwnam("nobody");
	if (nobody && nobody->pw_uid)
		take_entry(user, nobody);
	return 0;
}

/* --- whether it can ---------------------------------------------------------------------------- */

/* Whether /proc/self/uid_map or gid_map has this number; in the first user namespace it has all of them. */
static bool id_is_mapped(const char *path, unsigned id)
{
	FILE *map = fopen(path, "re");
	unsigned first, outside, count;
	bool found = !map;

	while (map && !found && fscanf(map, "%u %u %u", &first, &outside, &count) == 3)
		found = id >= first && id - first < count;
	if (map)
		fclose(map);
	return found;
}

static bool groups_are_denied(void)
{
	FILE *file = fopen("/proc/self/setgroups", "re");
	char word[8];
	bool denied = file && fscanf(file, "%7s", word) == 1 && !strcmp(word, "deny");

	if (file)
		fclose(file);
	return denied;
}

/* NULL, or why this process cannot become that user: a container that took the capabilities away, a user namespace of
 * one user. */
static const char *why_not(const struct user *user)
{
	if (capng_get_caps_process())
		return NULL; /* the attempt will tell */
	if (!capng_have_capability(CAPNG_EFFECTIVE, CAP_SETUID) || !capng_have_capability(CAPNG_EFFECTIVE, CAP_SETGID))
		return "root has no CAP_SETUID and CAP_SETGID here";
	if (!id_is_mapped("/proc/self/uid_map", user->uid) || !id_is_mapped("/proc/self/gid_map", user->gid))
		return "this user namespace does not have that user";
	return groups_are_denied() ? "this user namespace does not let groups be changed" : NULL;
}

static int note_closed(void *context, const char *folder, struct nsc_error *error)
{
	if (access(folder, W_OK | X_OK) && errno == EACCES)
		*(bool *)context = true;
	return 0;
}

/* Whether that user may not write in the folder of an output. A child looks, who has become the user. */
static bool folder_is_closed(const struct nsc_settings *settings, const struct user *user)
{
	pid_t child = fork();
	bool closed = false;
	int status = 0;

	if (!child) {
		if (setgroups(0, NULL) || setresgid(user->gid, user->gid, user->gid) ||
		    setresuid(user->uid, user->uid, user->uid))
			_exit(0);
		nsc_outputs_each_folder(settings, note_closed, &closed, NULL);
		_exit(closed);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

/* --- the step --------------------------------------------------------------------------------- */

/* Nothing effective, permitted, inheritable, bounding or ambient; no group but the user's own. */
static int become(const struct user *user, struct nsc_error *error)
{
	bool bounding = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP);
	int failed;
	uid_t r, e, s;

	capng_clear(CAPNG_SELECT_ALL);
	failed = capng_change_id((int)user->uid, (int)user->gid,
				 CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_AMBIENT | (bounding ? CAPNG_CLEAR_BOUNDING : 0));
	if (failed)
		return nsc_fail(error, -EPERM, "cannot become the user %s (uid %u): capng_change_id says %d, %s",
				user->name, user->uid, failed, errno ? strerror(errno) : "no reason");
	if (getresuid(&r, &e, &s) || r != user->uid || e != user->uid || s != user->uid)
		return nsc_fail(error, -EPERM, "cannot become the user %s (uid %u): the kernel says uid %u, %u, %u",
				user->name, user->uid, r, e, s);
	return 0;
}

/* Without CAP_SETPCAP the bounding set stays; it gives nothing to a program that executes no other. */
static int clear_capabilities(void *unused)
{
	bool bounding = !capng_get_caps_process() && capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP);

	capng_clear(CAPNG_SELECT_BOTH);
	return capng_apply(bounding ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS) ? -EPERM : 0;
}

static int drop_capabilities(struct nsc_error *error)
{
	if (nsc_sandbox_in_threads(clear_capabilities, NULL))
		return nsc_fail(error, -EPERM, "the capabilities cannot be dropped: %s", strerror(errno));
	return 0;
}

static int check_no_capabilities(struct nsc_error *error)
{
	if (capng_get_caps_process() || capng_have_capabilities(CAPNG_SELECT_CAPS) != CAPNG_NONE)
		return nsc_fail(error, -EPERM,
				"the capabilities cannot be dropped: the kernel says that there still are some");
	return 0;
}

/* Said in any case: whoever expects another user must not find out by looking. */
static int stay_root(const char *why, char said[NSC_SANDBOX_SAID], struct nsc_error *error)
{
	nsc_tell_at(NSC_LEVEL_WARNING, stderr, "stays root, without capabilities: %s", why);
	snprintf(said, NSC_SANDBOX_SAID, "stays root, without capabilities");
	return drop_capabilities(error);
}

static int become_another(const struct nsc_settings *settings, char said[NSC_SANDBOX_SAID], struct nsc_error *error)
{
	struct user user;
	int status = choose(&user, settings, error);
	const char *not = status ? NULL : why_not(&user);
	char why[256];

	if (not &&settings->user[0])
		return nsc_fail(error, -EPERM, "cannot become the user %s: %s", user.name, not );
	if (not ) {
		snprintf(why, sizeof(why), "it cannot become %s, for %s", user.name, not );
		return stay_root(why, said, error);
	}
	if (!status && !settings->user[0] && folder_is_closed(settings, &user)) {
		snprintf(why, sizeof(why), "%s may not write in the folder of an output; --user names another user",
			 user.name);
		return stay_root(why, said, error);
	}
	errno = 0;
	if (!status)
		status = become(&user, error);
	if (status)
		return status;
#if defined(NSC_SANITIZED)
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* the leak checker looks at its own process from a second one */
#endif
	memcpy(became, user.name, sizeof(became));
	snprintf(said, NSC_SANDBOX_SAID, "runs as %s (uid %u, gid %u)%s, without capabilities", user.name, user.uid,
		 user.gid, user.why);
	return 0;
}

static int stay_user(const struct nsc_settings *settings, char said[NSC_SANDBOX_SAID], struct nsc_error *error)
{
	struct user user = { .uid = geteuid() };
	int status = settings->user[0] ? named_user(&user, settings->user, error) : 0;

	if (!status && user.uid != geteuid())
		status = nsc_fail(error, -EPERM, "--user %.100s: only root can become another user, and this is uid %u",
				  settings->user, geteuid());
	snprintf(said, NSC_SANDBOX_SAID, "stays uid %u, without capabilities", geteuid());
	return status ? status : drop_capabilities(error);
}

void nsc_privileges_raise(void)
{
	if (capng_get_caps_process() || !capng_have_capability(CAPNG_PERMITTED, CAP_NET_RAW) ||
	    capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_RAW))
		return;
	capng_update(CAPNG_ADD, CAPNG_EFFECTIVE, CAP_NET_RAW);
	(void)capng_apply(CAPNG_SELECT_CAPS); /* who opens a source is told */
}

const char *nsc_sandbox_user_name(void)
{
	return became[0] ? became : NULL;
}

int nsc_sandbox_user(const struct nsc_settings *settings, char said[NSC_SANDBOX_SAID], struct nsc_error *error)
{
	int status = geteuid() ? stay_user(settings, said, error) : become_another(settings, said, error);

	return status ? status : check_no_capabilities(error);
}
