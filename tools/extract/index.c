/* SPDX-License-Identifier: MIT */
#include "tools/extract/index.h"

#include "backends/index/nsx_reader.h"
#include "tools/netscope/say.h"

#include <errno.h>

/* One that does not count: the sentence says why. */
static void index_refuse(struct nsc_extract_index *index, const struct nsc_error *why)
{
	if (index->refused++ < NSC_INDEX_SAID_MOST)
		nsc_say(why);
}

static int index_find_parts(struct nsc_nsx *nsx, struct nsc_extract_file *file, const struct nsc_extract_job *job,
			    const struct nsc_term *term, uint32_t n_terms, struct nsc_error *error)
{
	const struct nsc_nsx_query query = {
		.from_ns = job->from_ns, .to_ns = job->to_ns, .term = term, .n_terms = n_terms
	};
	bool any = false;
	int status = nsc_nsx_find(nsx, &query, &file->ranges, &any, error);

	if (!status && any && !file->ranges.n)
		status = nsc_fail(error, -EBADMSG, "the index of '%s' names no part of it", file->path);
	file->skip = !status && !any;
	if (status || !any)
		nsc_nsx_ranges_free(&file->ranges);
	return status;
}

void nsc_extract_index_ask(struct nsc_extract_index *index, struct nsc_extract_file *file,
			   const struct nsc_extract_job *job)
{
	struct nsc_term term[NSC_TERMS_MAX];
	uint32_t n_terms = nsc_select_terms(&job->select, term);
	struct nsc_error why;
	struct nsc_nsx *nsx;
	int status;

	if (!n_terms && !job->from_ns && job->to_ns == UINT64_MAX)
		return;
	status = nsc_nsx_open(&nsx, file->path, index->decap, index->tunnels, &why);
	if (status == -ENOENT) {
		index->missing++;
		return;
	}
	if (status) {
		index_refuse(index, &why);
		return;
	}
	status = index_find_parts(nsx, file, job, term, n_terms, &why);
	index->read += nsc_nsx_bytes_read(nsx);
	if (status)
		index_refuse(index, &why);
	else
		index->used++;
	nsc_nsx_close(nsx);
}

void nsc_extract_index_tell(const struct nsc_extract_index *index)
{
	uint32_t all = index->used + index->missing + index->refused;

	if (index->refused > NSC_INDEX_SAID_MOST)
		nsc_tell_at(NSC_LEVEL_WARNING, stderr, "the indexes of %u more files cannot be used, either",
			    index->refused - NSC_INDEX_SAID_MOST);
	if (index->missing + index->refused)
		nsc_tell(stderr,
			 "%u of %u files have no index that can be used: they are read from begin to end, which takes "
			 "longer; netscope index makes one",
			 index->missing + index->refused, all);
}
