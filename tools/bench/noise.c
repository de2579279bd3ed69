/* SPDX-License-Identifier: MIT
 *
 * See noise.h.
 */
#include "tools/bench/noise.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define WORTH_SAYING 0.02 /* of the time of all cores */

static double noise_seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

static double noise_own(void)
{
	struct rusage self, children;

	getrusage(RUSAGE_SELF, &self);
	getrusage(RUSAGE_CHILDREN, &children);
	return noise_seconds(self.ru_utime) + noise_seconds(self.ru_stime) + noise_seconds(children.ru_utime) +
	       noise_seconds(children.ru_stime);
}

void nsc_bench_noise_begin(struct nsc_bench_noise *begin, const char *proc)
{
	enum { USER, NICE, SYSTEM, IDLE, IOWAIT, IRQ, SOFTIRQ, STEAL, FIELDS };
	double ticks[FIELDS] = { 0 }, hz = (double)sysconf(_SC_CLK_TCK);
	char path[512];
	FILE *file;
	int n;

	*begin = (struct nsc_bench_noise){ 0 };
	snprintf(path, sizeof(path), "%s/stat", proc);
	file = fopen(path, "re");
	if (!file)
		return;
	n = fscanf(file, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &ticks[USER], &ticks[NICE], &ticks[SYSTEM],
		   &ticks[IDLE], &ticks[IOWAIT], &ticks[IRQ], &ticks[SOFTIRQ], &ticks[STEAL]);
	fclose(file);
	if (n < SOFTIRQ + 1)
		return;
	for (unsigned i = 0; i < FIELDS; i++)
		begin->all += ticks[i] / hz;
	begin->others = (ticks[USER] + ticks[NICE] + ticks[SYSTEM] + ticks[IRQ] + ticks[SOFTIRQ]) / hz - noise_own();
	begin->stolen = ticks[STEAL] / hz;
}

void nsc_bench_noise_end(struct nsc_bench_noise *noise, const struct nsc_bench_noise *begin, const char *proc)
{
	struct nsc_bench_noise end;

	nsc_bench_noise_begin(&end, proc);
	*noise = (struct nsc_bench_noise){ 0 };
	if (!(end.all > begin->all))
		return;
	noise->all = end.all - begin->all;
	noise->others = NSC_MAX(end.others - begin->others, 0.0);
	noise->stolen = NSC_MAX(end.stolen - begin->stolen, 0.0);
}

void nsc_bench_noise_print(FILE *out, const struct nsc_bench_noise *noise, const struct nsc_doctor *doctor, long cores)
{
	static const char *const disturbing[] = { "cpu-governor", "cpu-quota", "isolated-cores", "huge-pages",
						  "clocksource" };
	double scale = noise->all > 0 ? (double)cores / noise->all : 0;
	unsigned n = 0;

	if (noise->others > WORTH_SAYING * noise->all)
		n += fprintf(out,
			     "  other programs took %.1f of %ld cores: stop them, or keep them off the cores that are "
			     "measured (taskset -c LIST netscope bench)\n",
			     noise->others * scale, cores) > 0;
	if (noise->stolen > WORTH_SAYING * noise->all)
		n += fprintf(out,
			     "  the host took %.1f of %ld cores from this virtual machine: measure on a machine of "
			     "one's own\n",
			     noise->stolen * scale, cores) > 0;
	for (uint32_t i = 0; i < doctor->n; i++) {
		const struct nsc_doctor_finding *finding = &doctor->finding[i];

		for (size_t k = 0; k < NSC_ARRAY_LEN(disturbing) && finding->fix[0]; k++)
			if (!strcmp(disturbing[k], finding->name))
				n += fprintf(out, "  %s: %s: %s\n", finding->name, finding->found, finding->fix) > 0;
	}
	if (!n)
		fputs("  nothing that this machine tells: give it more time with --seconds\n", out);
}
