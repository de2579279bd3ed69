/* SPDX-License-Identifier: MIT
 *
 * The table of detectors.
 */
#include "engine/detect/detector.h"
#include "engine/detect/hash.h"

uint64_t nsc_contact_address_hash(const uint64_t seed[2], const uint8_t addr[16], unsigned ip_version)
{
	return nsc_detect_hash_address(seed, addr, ip_version) | 1;
}

const struct nsc_detector *const nsc_detector_table[] = {
#define NSC_X(name) &nsc_detector_##name,
	NSC_DETECTORS(NSC_X)
#undef NSC_X
		NULL,
};
