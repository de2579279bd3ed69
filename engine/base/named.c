/* SPDX-License-Identifier: MIT */
#include "netscope/names.h"

static const char *const app_names[NSC_APP_COUNT] = { "",
#define NSC_X(id, name) name,
						      NSC_APPS(NSC_X)
#undef NSC_X
};

static const char *const app_source_names[NSC_APP_SOURCE_COUNT] = { "",
#define NSC_X(id, name) name,
								    NSC_APP_SOURCES(NSC_X)
#undef NSC_X
};

const char *nsc_app_name(unsigned app)
{
	return app < NSC_APP_COUNT ? app_names[app] : "";
}

const char *nsc_app_source_name(unsigned source)
{
	return source < NSC_APP_SOURCE_COUNT ? app_source_names[source] : "";
}
