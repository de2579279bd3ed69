/* SPDX-License-Identifier: MIT
 *
 * Every capture of the shared collection: as many packets as tshark counted, or refused for its link type.
 * The collection is NETSCOPE_SHARED or ../shared; without it there is nothing to compare.
 */
#include "test_file_maker.h"

#include <dirent.h>
#include <errno.h>
#include <zlib.h>

static const char *shared(void)
{
	const char *path = getenv("NETSCOPE_SHARED");

	return path ? path : "../shared";
}

/* "packets" inside "totals" of the reference; -1 when it has none. */
static long long reference_packets(const char *path)
{
	static char text[4u << 20];
	gzFile file = gzopen(path, "rb"); /* reads plain files as well */
	const char *at;
	int n;

	if (!file)
		return -1;
	n = gzread(file, text, sizeof(text) - 1);
	gzclose(file);
	if (n < 0)
		return -1;
	text[n] = '\0';
	at = strstr(text, "\"totals\"");
	at = at ? strstr(at, "\"packets\":") : NULL;
	return at ? strtoll(at + strlen("\"packets\":"), NULL, 10) : -1;
}

/* Packets delivered, with the loans of a pipeline; -errno when refused. */
static long long our_packets(const char *path, uint32_t loans, struct nsc_error *error)
{
	static struct nsc_burst burst;
	struct nsc_rx_file_options options = { .path = path, .loans = loans };
	long long n = 0;
	struct nsc_rx *rx;
	int status = nsc_rx_file_open(&rx, &options, error);

	if (status)
		return status;
	do {
		nsc_rx_poll(rx, &burst);
		n += burst.n;
		nsc_rx_release(rx, burst.loan);
	} while (burst.state == NSC_RX_MORE || burst.state == NSC_RX_IDLE);
	nsc_rx_close(rx);
	return n;
}

struct result {
	unsigned same, refused, wrong;
};

static void compare(struct result *r, const char *capture, long long wanted)
{
	struct nsc_error error;
	long long found = our_packets(capture, 1, &error), again = our_packets(capture, 3, &error);

	if (found > 0 && found == again && strstr(capture, "brcm-tag")) {
		printf("%s: tshark 4.0 does not know link type 281\n", capture);
	} else if (found == wanted && again == wanted) {
		r->same++;
	} else if (found == -EPROTONOSUPPORT || (found < 0 && !wanted)) {
		r->refused++;
		printf("refused: %s\n", error.text);
	} else {
		r->wrong++;
		printf("%s: tshark has %lld packets, we have %lld and %lld\n", capture, wanted, found, again);
	}
}

/* x.ref.json or x.ref.json.gz stands beside x. */
static void compare_folder(struct result *r, const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	char path[4096], *tail;

	while (dir && (entry = readdir(dir))) {
		long long wanted;

		if (snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) >= (int)sizeof(path))
			continue;
		tail = strstr(path, ".ref.json");
		wanted = tail ? reference_packets(path) : -1;
		if (wanted < 0)
			continue;
		*tail = '\0';
		compare(r, path, wanted);
	}
	if (dir)
		closedir(dir);
}

START_TEST(as_many_packets_as_tshark)
{
	struct result r = { 0 };
	char folder[2048];

	snprintf(folder, sizeof(folder), "%s/captures", shared());
	if (access(folder, R_OK)) {
		printf("skip - captures: %s is not there\n", folder);
		return;
	}
	compare_folder(&r, folder);
	snprintf(folder, sizeof(folder), "%s/captures/malformed", shared());
	compare_folder(&r, folder);
	printf("%u captures have tshark's number of packets, %u refused, %u differ\n", r.same, r.refused, r.wrong);
	ck_assert_uint_eq(r.wrong, 0);
	ck_assert_uint_gt(r.same, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rx/file_counts");
	TCase *tcase = tcase_create("captures");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, as_many_packets_as_tshark);
	return run_suite(suite);
}
