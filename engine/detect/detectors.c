/* SPDX-License-Identifier: MIT
 *
 * The detectors.
 */
#include "engine/detect/detector.h"

const struct nsc_detector *const nsc_detector_table[] = {
	&nsc_detector_syn_flood,
	&nsc_detector_few_sources,
	&nsc_detector_port_scan,
	NULL,
};
