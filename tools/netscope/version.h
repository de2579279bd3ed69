/* SPDX-License-Identifier: MIT
 *
 * The version, in one place.
 */
#ifndef TOOLS_NETSCOPE_VERSION_H
#define TOOLS_NETSCOPE_VERSION_H

#define NSC_VERSION "0.2.0"

#endif
