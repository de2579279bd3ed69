/* SPDX-License-Identifier: MIT
 *
 * The external sort against qsort: many pools, spills, runs that are merged again, chunks that go home exactly once,
 * and a full disk.
 */
#include "backends/sinks/flow_store.h"

#include "records.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

enum { POOL = 64 };

struct pool { /* the engine's part: chunks that are out and chunks that are home */
	struct nsc_flow_chunk *chunk[POOL];
	bool out[POOL];
	unsigned n_out, size, wrong;
};

static void pool_take_back(void *context, struct nsc_flow_chunk *chunk)
{
	struct pool *pool = context;
	unsigned i = 0;

	while (i < pool->size && pool->chunk[i] != chunk)
		i++;
	if (i == pool->size || !pool->out[i]) {
		pool->wrong++;
		return;
	}
	pool->out[i] = false;
	pool->n_out--;
	chunk->n = 0;
}

static struct nsc_flow_chunk *pool_get(struct pool *pool)
{
	unsigned i = 0;

	while (pool->out[i])
		i++;
	pool->out[i] = true;
	pool->n_out++;
	pool->chunk[i]->n = 0;
	return pool->chunk[i];
}

static void pool_init(struct pool *pool, unsigned size)
{
	*pool = (struct pool){ .size = size };
	for (unsigned i = 0; i < size; i++) {
		pool->chunk[i] = calloc(1, sizeof(struct nsc_flow_chunk));
		ck_assert_ptr_nonnull(pool->chunk[i]);
	}
}

static void pool_fini(struct pool *pool)
{
	for (unsigned i = 0; i < pool->size; i++)
		free(pool->chunk[i]);
}

static int scratch_file(void)
{
	FILE *file = tmpfile();
	int fd;

	ck_assert_ptr_nonnull(file);
	fd = dup(fileno(file));
	fclose(file);
	return fd;
}

struct shape {
	unsigned records, chunk_records /* at most in each; varied when `vary` */, pool, held, fan_in, window;
	uint64_t span_ns;
	bool vary;
	bool no_keep;                /* every other chunk may not be held */
	unsigned remaining, workers; /* as many of the records lie in that many tables instead */
};

static struct nsc_flow_store *open_store_on(int fd, struct pool *pool, const struct shape *shape)
{
	struct nsc_flow_store_options options = { .chunks = shape->held,
						  .fan_in = shape->fan_in,
						  .window_records = shape->window,
						  .spill_records = 7,
						  .scratch_fd = fd,
						  .give_back = pool_take_back,
						  .context = pool };
	struct nsc_flow_store *store;

	ck_assert_int_eq(nsc_flow_store_open(&store, &options, NULL), 0);
	return store;
}

static struct nsc_flow_store *open_store(struct pool *pool, const struct shape *shape)
{
	return open_store_on(scratch_file(), pool, shape);
}

static int send(struct nsc_flow_store *store, struct pool *pool, struct nsc_flow_chunk *chunk, bool may_keep,
		struct nsc_error *error)
{
	bool keep = false;
	int status = nsc_flow_store_add(store, chunk, pool->n_out == pool->size, may_keep ? &keep : NULL, error);

	if (!keep)
		pool_take_back(pool, chunk);
	return status;
}

static void fill_store(struct nsc_flow_store *store, struct pool *pool, const struct shape *shape,
		       const struct nsc_flow_record *record)
{
	uint64_t seed = 3;

	unsigned records = shape->records - shape->remaining;

	for (unsigned i = 0, n; i < records; i += n) {
		struct nsc_flow_chunk *chunk = pool_get(pool);

		n = shape->vary ? (unsigned)(test_random(&seed) % (shape->chunk_records + 1)) : shape->chunk_records;
		n = NSC_MIN(n, records - i);
		memcpy(chunk->record, record + i, n * sizeof(*record));
		chunk->n = n;
		ck_assert_int_eq(send(store, pool, chunk, !shape->no_keep || i % 2, NULL), 0);
	}
}

/* What is still in the workers' tables: each worker's records sorted, worker after worker in one array. */
struct tables {
	struct nsc_remaining remaining;
	struct nsc_flow_record *record;
	unsigned next[NSC_WORKERS_MAX], end[NSC_WORKERS_MAX];
};

static uint32_t next_remaining(const struct nsc_remaining *remaining, uint32_t worker, struct nsc_flow_record *out,
			       uint32_t max)
{
	struct tables *t = remaining->context;
	uint32_t n = NSC_MIN(max, t->end[worker] - t->next[worker]);

	memcpy(out, &t->record[t->next[worker]], n * sizeof(*out));
	t->next[worker] += n;
	return n;
}

static void fill_tables(struct tables *t, const struct shape *shape, const struct nsc_flow_record *record)
{
	unsigned share = shape->workers ? shape->remaining / shape->workers : 0;

	*t = (struct tables){ .remaining = { .workers = shape->workers, .next = next_remaining, .context = t } };
	t->record = calloc(shape->remaining + 1, sizeof(*record));
	ck_assert_ptr_nonnull(t->record);
	memcpy(t->record, record + shape->records - shape->remaining, shape->remaining * sizeof(*record));
	for (unsigned i = 0; i < shape->workers; i++) {
		t->next[i] = i * share;
		t->end[i] = i + 1 == shape->workers ? shape->remaining : (i + 1) * share;
		qsort(&t->record[t->next[i]], t->end[i] - t->next[i], sizeof(*record), test_compare);
	}
}

static unsigned read_store(struct nsc_flow_store *store, const struct tables *tables,
			   const struct nsc_flow_record *want, unsigned n)
{
	const struct nsc_flow_record *record[7];
	unsigned wrong = 0, at = 0;
	uint32_t got;

	wrong += !!nsc_flow_store_begin(store, tables ? &tables->remaining : NULL, NULL);
	while (!nsc_flow_store_next(store, record, 1 + at % NSC_ARRAY_LEN(record), &got, NULL) && got)
		for (uint32_t i = 0; i < got; i++, at++)
			wrong += at >= n || memcmp(record[i], &want[at], sizeof(*want)) != 0;
	return wrong + (at != n) + (got != 0);
}

static unsigned check_shape(const struct shape *shape)
{
	struct nsc_flow_record *record = calloc(shape->records + 1, sizeof(*record));
	struct nsc_flow_store *store;
	struct tables tables;
	struct pool pool;
	uint64_t seed = 11;
	unsigned wrong;

	ck_assert_ptr_nonnull(record);
	pool_init(&pool, shape->pool);
	for (unsigned i = 0; i < shape->records; i++) {
		record[i] = test_record(&seed, shape->span_ns);
		record[i].first_seen_ns += shape->span_ns > 1000 ? 0 : i / 3; /* a small span: nearly sorted */
	}
	store = open_store(&pool, shape);
	fill_store(store, &pool, shape, record);
	fill_tables(&tables, shape, record);
	qsort(record, shape->records, sizeof(*record), test_compare);
	wrong = read_store(store, &tables, record, shape->records);
	free(tables.record);
	nsc_flow_store_release(store);
	nsc_flow_store_close(store);
	wrong += pool.n_out + pool.wrong;
	pool_fini(&pool);
	free(record);
	return wrong;
}

#define SHAPE_TEST(name, ...)                                                                                          \
	START_TEST(name)                                                                                               \
	{                                                                                                              \
		struct shape shape = { __VA_ARGS__ };                                                                  \
		ck_assert_uint_eq(check_shape(&shape), 0);                                                             \
	}                                                                                                              \
	END_TEST

SHAPE_TEST(nothing_at_all, .records = 0, .chunk_records = 1, .pool = 2, .held = 2, .fan_in = 2, .window = 1,
	   .span_ns = 9)
SHAPE_TEST(all_in_one_table, .records = 5000, .remaining = 5000, .workers = 1, .chunk_records = 1, .pool = 2, .held = 2,
	   .fan_in = 2, .window = 100, .span_ns = 1000000)
SHAPE_TEST(in_tables_in_memory_and_spilled, .records = 30000, .remaining = 10000, .workers = 8, .chunk_records = 300,
	   .pool = 8, .held = 8, .fan_in = 4, .window = 64, .span_ns = 1000000)
SHAPE_TEST(ties_between_tables, .records = 3000, .remaining = 2000, .workers = 64, .chunk_records = 100, .pool = 64,
	   .held = 64, .fan_in = 2, .window = 1, .span_ns = 9)
SHAPE_TEST(one_record, .records = 1, .chunk_records = 1, .pool = 2, .held = 2, .fan_in = 2, .window = 1, .span_ns = 9)
SHAPE_TEST(all_in_memory, .records = 50000, .chunk_records = 2048, .pool = 64, .held = 64, .fan_in = 2, .window = 1,
	   .span_ns = 1000000)
SHAPE_TEST(nearly_sorted_in_memory, .records = 50000, .chunk_records = 2048, .pool = 64, .held = 64, .fan_in = 2,
	   .window = 1, .span_ns = 900)
SHAPE_TEST(small_chunks_are_packed, .records = 30000, .chunk_records = 100, .pool = 20, .held = 20, .fan_in = 2,
	   .window = 1, .span_ns = 1000000)
SHAPE_TEST(spilled, .records = 50000, .chunk_records = 2048, .pool = 5, .held = 64, .fan_in = 32, .window = 100,
	   .span_ns = 1000000)
SHAPE_TEST(spilled_by_its_own_limit, .records = 50000, .chunk_records = 2048, .pool = 64, .held = 3, .fan_in = 32,
	   .window = 3, .span_ns = 1000000)
SHAPE_TEST(spilled_again_and_again, .records = 60000, .chunk_records = 2048, .pool = 1, .held = 1, .fan_in = 3,
	   .window = 5, .span_ns = 1000000)
SHAPE_TEST(many_ties_and_spills, .records = 40000, .chunk_records = 2048, .pool = 3, .held = 3, .fan_in = 4,
	   .window = 64, .span_ns = 3)
SHAPE_TEST(chunks_of_all_sizes, .records = 60000, .chunk_records = 2048, .pool = 6, .held = 6, .fan_in = 2,
	   .window = 50, .span_ns = 1000000, .vary = true)

SHAPE_TEST(keep_is_not_always_offered, .records = 30000, .chunk_records = 777, .pool = 6, .held = 6, .fan_in = 20,
	   .window = 50, .span_ns = 1000000, .no_keep = true)

/* Three runs of the same records: equal keys come out next to one another, none is lost. */
START_TEST(three_equal_runs)
{
	struct shape shape = { .pool = 8, .held = 8, .fan_in = 4, .window = 2 };
	struct nsc_flow_record *want = calloc(3 * 2048, sizeof(*want));
	struct nsc_flow_store *store;
	struct pool pool;

	pool_init(&pool, shape.pool);
	store = open_store(&pool, &shape);
	for (unsigned run = 0; run < 3; run++) {
		struct nsc_flow_chunk *chunk = pool_get(&pool);
		uint64_t seed = 21;
		bool keep;

		for (chunk->n = 0; chunk->n < 2048; chunk->n++)
			chunk->record[chunk->n] = want[run * 2048 + chunk->n] = test_record(&seed, 50);
		ck_assert_int_eq(nsc_flow_store_add(store, chunk, run == 1, &keep, NULL), 0);
		ck_assert_int_eq(keep, run != 1);
		if (!keep)
			pool_take_back(&pool, chunk);
	}
	qsort(want, 3 * 2048, sizeof(*want), test_compare);
	ck_assert_uint_eq(read_store(store, NULL, want, 3 * 2048), 0);
	nsc_flow_store_release(store);
	nsc_flow_store_close(store);
	ck_assert_uint_eq(pool.n_out + pool.wrong, 0);
	pool_fini(&pool);
	free(want);
}
END_TEST

/* However full the disk is, the engine gets its chunks: its workers may be waiting for them. */
START_TEST(full_disk_gives_the_chunks_back)
{
	struct shape shape = { .pool = 4, .held = 8, .fan_in = 4, .window = 2 };
	struct rlimit limit, small = { .rlim_cur = 1000 };
	struct nsc_flow_store *store;
	struct nsc_error error;
	struct pool pool;
	uint64_t seed = 1;
	int status = 0;

	pool_init(&pool, shape.pool);
	store = open_store(&pool, &shape);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small.rlim_max = limit.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (unsigned i = 0; i < 4 && !status; i++) {
		struct nsc_flow_chunk *chunk = pool_get(&pool);

		for (chunk->n = 0; chunk->n < 2048; chunk->n++)
			chunk->record[chunk->n] = test_record(&seed, 1000000);
		status = send(store, &pool, chunk, true, &error);
	}
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(status, -EFBIG);
	ck_assert_str_eq(
		error.text,
		"sorting flow records: writing to the temporary file beside the export failed: File too large");
	ck_assert_uint_eq(pool.n_out + pool.wrong, 0);
	nsc_flow_store_close(store);
	pool_fini(&pool);
}
END_TEST

/* A temporary file that lost its end is a failure, not a shorter export. */
START_TEST(cut_scratch_file_is_noticed)
{
	struct shape shape = { .pool = 1, .held = 1, .fan_in = 4, .window = 10 };
	const struct nsc_flow_record *record;
	struct nsc_flow_chunk *chunk;
	struct nsc_flow_store *store;
	struct nsc_error error;
	struct pool pool;
	uint64_t seed = 1;
	int status = 0, fd;
	uint32_t n;

	pool_init(&pool, shape.pool);
	fd = scratch_file();
	store = open_store_on(fd, &pool, &shape);
	chunk = pool_get(&pool);
	for (chunk->n = 0; chunk->n < 2048; chunk->n++)
		chunk->record[chunk->n] = test_record(&seed, 1000000);
	ck_assert_int_eq(send(store, &pool, chunk, true, &error), 0);
	ck_assert_int_eq(ftruncate(fd, 100 * sizeof(struct nsc_flow_record)), 0);
	status = nsc_flow_store_begin(store, NULL, &error);
	for (unsigned i = 0; i < 2048 && !status; i++)
		status = nsc_flow_store_next(store, &record, 1, &n, &error);
	ck_assert_int_eq(status, -EIO);
	nsc_flow_store_close(store);
	pool_fini(&pool);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("flow store");
	TCase *tcase = tcase_create("order");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, nothing_at_all);
	tcase_add_test(tcase, one_record);
	tcase_add_test(tcase, all_in_one_table);
	tcase_add_test(tcase, in_tables_in_memory_and_spilled);
	tcase_add_test(tcase, ties_between_tables);
	tcase_add_test(tcase, all_in_memory);
	tcase_add_test(tcase, nearly_sorted_in_memory);
	tcase_add_test(tcase, small_chunks_are_packed);
	tcase_add_test(tcase, spilled);
	tcase_add_test(tcase, spilled_by_its_own_limit);
	tcase_add_test(tcase, spilled_again_and_again);
	tcase_add_test(tcase, many_ties_and_spills);
	tcase_add_test(tcase, chunks_of_all_sizes);
	tcase_add_test(tcase, keep_is_not_always_offered);
	tcase_add_test(tcase, three_equal_runs);
	tcase_add_test(tcase, full_disk_gives_the_chunks_back);
	tcase_add_test(tcase, cut_scratch_file_is_noticed);
	return test_run(suite);
}
