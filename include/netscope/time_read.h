/* SPDX-License-Identifier: MIT
 *
 * Points in time as a person writes them.
 */
#ifndef NETSCOPE_TIME_READ_H
#define NETSCOPE_TIME_READ_H

#include "netscope/error.h"

/* `text` is seconds since 1970 with up to nine decimals ("1700000000.25"), or a date of ISO 8601 with or without a time
 * of day and a zone ("2023-11-14", "2023-11-14T22:13:20.25Z", "2023-11-14 23:13:20+01:00"); without a zone it is UTC.
 * *ns is ns since 1970, 0..NSC_TIME_MAX. 0, or -EINVAL and one sentence. Thread: any. Allocates: never. */
int nsc_time_read(const char *text, uint64_t *ns, struct nsc_error *error);

#endif
