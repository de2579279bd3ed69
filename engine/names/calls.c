/* SPDX-License-Identifier: MIT
 *
 * RTSP and SIP: requests and responses in the form of HTTP, with a version of their own. The target of a request names
 * the host.
 */
#include <strings.h>

#include "engine/names/parser.h"

enum { LINE_MAX_BYTES = 2048 };

struct calls {
	enum nsc_app app;
	const char *response;   /* how one begins */
	const char *version;    /* how the first line of a request ends */
	const char *schemes[3]; /* of targets, with what stands before the authority */
	const char *const *methods;
};

static const char *const rtsp_methods[] = { "OPTIONS ",       "DESCRIBE ",      "SETUP ", "PLAY ",
					    "ANNOUNCE ",      "RECORD ",        "PAUSE ", "TEARDOWN ",
					    "GET_PARAMETER ", "SET_PARAMETER ", NULL };
static const char *const sip_methods[] = { "INVITE ", "REGISTER ",  "OPTIONS ", "ACK ",     "BYE ",
					   "CANCEL ", "SUBSCRIBE ", "NOTIFY ",  "MESSAGE ", "INFO ",
					   "PRACK ",  "UPDATE ",    "REFER ",   "PUBLISH ", NULL };
static const struct calls rtsp = {
	NSC_APP_RTSP, "RTSP/1.0 ", " RTSP/1.0", { "rtsp://", "rtspu://", NULL }, rtsp_methods
};
static const struct calls sip = { NSC_APP_SIP, "SIP/2.0 ", " SIP/2.0", { "sip:", "sips:", NULL }, sip_methods };

static void calls_take_name(const struct calls *calls, const uint8_t *p, uint32_t n, struct nsc_named *named)
{
	for (const char *const *scheme = calls->schemes; *scheme; scheme++) {
		uint32_t length = (uint32_t)strlen(*scheme);

		if (n > length && !strncasecmp((const char *)p, *scheme, length)) {
			name_set_url(named, p + length, n - length);
			return;
		}
	}
}

static enum nsc_name_verdict calls_parse(const struct calls *calls, const struct nsc_name_input *in,
					 struct nsc_name_output *out)
{
	enum nsc_name_verdict response = name_begins(in, calls->response), request;
	uint32_t line, end = (uint32_t)strlen(calls->version);
	const uint8_t *target;

	if (response == NSC_NAME_FOUND)
		return name_found(out, calls->app);
	request = name_begins_any(in, calls->methods);
	if (request != NSC_NAME_FOUND)
		return request == NSC_NAME_MORE || response == NSC_NAME_MORE ? name_more(in, out, in->n + 1)
									     : NSC_NAME_NO;
	line = name_line(in, LINE_MAX_BYTES);
	if (line == UINT32_MAX)
		return in->n < LINE_MAX_BYTES ? name_more(in, out, in->n + 1) : NSC_NAME_NO;
	target = (const uint8_t *)memchr(in->data, ' ', line);
	if (!target || line < end || memcmp(in->data + line - end, calls->version, end) ||
	    target + 1 > in->data + line - end)
		return NSC_NAME_NO;
	target++;
	calls_take_name(calls, target, (uint32_t)(in->data + line - end - target), &out->named);
	return name_found(out, calls->app);
}

NAME_PARSER(rtsp)
{
	return calls_parse(&rtsp, in, out);
}

NAME_PARSER(sip)
{
	return calls_parse(&sip, in, out);
}
