/* SPDX-License-Identifier: MIT
 *
 * What disturbed, out of files that a test writes; and what is said about it.
 */
#include "tools/bench/noise.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/engine/check_main.h"

static char root[64];

static void write_stat(const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/stat", root);
	file = fopen(path, "we");
	fputs(text, file);
	fclose(file);
}

static const char *said(const struct nsc_bench_noise *noise, const struct nsc_doctor *doctor)
{
	static char text[4096];
	FILE *out = fmemopen(text, sizeof(text), "w");

	nsc_bench_noise_print(out, noise, doctor, 2);
	fclose(out);
	return text;
}

START_TEST(what_was_taken)
{
	struct nsc_bench_noise begin, noise;

	snprintf(root, sizeof(root), "/tmp/noise-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	write_stat("cpu  1000 0 0 1000 0 0 0 0 0 0\n");
	nsc_bench_noise_begin(&begin, root);
	write_stat("cpu  1900 50 50 1500 0 0 0 500 0 0\n"); /* 10 s of others, 5 s idle, 5 s stolen */
	nsc_bench_noise_end(&noise, &begin, root);
	ck_assert(noise.all > 19.9 && noise.all < 20.1);
	ck_assert(noise.others > 9 && noise.others < 10.1); /* less what this test took */
	ck_assert(noise.stolen > 4.9 && noise.stolen < 5.1);
	write_stat("nothing\n");
	nsc_bench_noise_end(&noise, &begin, root);
	ck_assert(noise.all == 0 && noise.others == 0 && noise.stolen == 0);
	write_stat("cpu  1000 0 0 1000 0 0 0 0 0 0\n"); /* it stood still */
	nsc_bench_noise_end(&noise, &begin, root);
	ck_assert(noise.all == 0);
	unlink(strcat(strcpy((char[128]){ 0 }, root), "/stat"));
	rmdir(root);
}
END_TEST

START_TEST(what_to_do)
{
	struct nsc_doctor doctor = { .n = 2,
				     .finding = { { .name = "cpu-governor",
						    .level = NSC_DOCTOR_WARNING,
						    .found = "powersave on 2 of 2 cores",
						    .fix = "sudo cpupower frequency-set -g performance" },
						  { .name = "bpf-jit", .found = "off", .fix = "no matter here" } } };
	struct nsc_doctor well = { .n = 0 };
	struct nsc_bench_noise busy = { .all = 20, .others = 10 }, virtual = { .all = 20, .stolen = 5 },
			       quiet = { .all = 20 };

	ck_assert_ptr_nonnull(strstr(said(&busy, &well), "other programs took 1.0 of 2 cores: stop them"));
	ck_assert_ptr_nonnull(strstr(said(&virtual, &well), "the host took 0.5 of 2 cores"));
	ck_assert_ptr_nonnull(strstr(said(&quiet, &doctor), "powersave on 2 of 2 cores: sudo cpupower"));
	ck_assert_ptr_null(strstr(said(&quiet, &doctor), "bpf-jit"));
	ck_assert_ptr_nonnull(strstr(said(&quiet, &well), "--seconds"));
	ck_assert_ptr_nonnull(strstr(said(&(struct nsc_bench_noise){ 0 }, &well), "--seconds"));
}
END_TEST

CHECK_MAIN("noise", what_was_taken, what_to_do)
