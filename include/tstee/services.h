/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * Service UUIDs of Trusted Services v1.2 in text (memory) order, which is the order of
 * every message and of the TEE ioctls' uuid fields.
 */
#ifndef TSTEE_SERVICES_H
#define TSTEE_SERVICES_H

/* internal-trusted-storage: dc1eef48-b17a-4ccf-ac8b-dfcff7711b14 */
#define TSTEE_ITS_UUID_BYTES                                                                  \
	{                                                                                     \
		0xdc, 0x1e, 0xef, 0x48, 0xb1, 0x7a, 0x4c, 0xcf, 0xac, 0x8b, 0xdf, 0xcf, 0xf7, \
			0x71, 0x1b, 0x14                                                      \
	}

/* protected-storage: 751bf801-3dde-4768-a514-0f10aeed1790 */
#define TSTEE_PS_UUID_BYTES                                                                   \
	{                                                                                     \
		0x75, 0x1b, 0xf8, 0x01, 0x3d, 0xde, 0x47, 0x68, 0xa5, 0x14, 0x0f, 0x10, 0xae, \
			0xed, 0x17, 0x90                                                      \
	}

/* crypto: d9df52d5-16a2-4bb2-9aa4-d26d3b84e8c0 */
#define TSTEE_CRYPTO_UUID_BYTES                                                               \
	{                                                                                     \
		0xd9, 0xdf, 0x52, 0xd5, 0x16, 0xa2, 0x4b, 0xb2, 0x9a, 0xa4, 0xd2, 0x6d, 0x3b, \
			0x84, 0xe8, 0xc0                                                      \
	}

/* crypto-protobuf: 6ba9de75-393e-4c7f-aabb-7f71cc6b142e */
#define TSTEE_CRYPTO_PROTOBUF_UUID_BYTES                                                      \
	{                                                                                     \
		0x6b, 0xa9, 0xde, 0x75, 0x39, 0x3e, 0x4c, 0x7f, 0xaa, 0xbb, 0x7f, 0x71, 0xcc, \
			0x6b, 0x14, 0x2e                                                      \
	}

/* attestation: a1baf155-8876-4695-8f7c-54955e8db974 */
#define TSTEE_ATTESTATION_UUID_BYTES                                                          \
	{                                                                                     \
		0xa1, 0xba, 0xf1, 0x55, 0x88, 0x76, 0x46, 0x95, 0x8f, 0x7c, 0x54, 0x95, 0x5e, \
			0x8d, 0xb9, 0x74                                                      \
	}

/* block-storage: 63646e80-eb52-462f-ac4f-8cdf3987519c */
#define TSTEE_BLOCK_STORAGE_UUID_BYTES                                                        \
	{                                                                                     \
		0x63, 0x64, 0x6e, 0x80, 0xeb, 0x52, 0x46, 0x2f, 0xac, 0x4f, 0x8c, 0xdf, 0x39, \
			0x87, 0x51, 0x9c                                                      \
	}

/* fwu: 6823a838-1b06-470e-9774-0cce8bfb53fd */
#define TSTEE_FWU_UUID_BYTES                                                                  \
	{                                                                                     \
		0x68, 0x23, 0xa8, 0x38, 0x1b, 0x06, 0x47, 0x0e, 0x97, 0x74, 0x0c, 0xce, 0x8b, \
			0xfb, 0x53, 0xfd                                                      \
	}

/* test-runner: 33c75baf-ac6a-4fe4-8ac7-e9909bee2d17 */
#define TSTEE_TEST_RUNNER_UUID_BYTES                                                          \
	{                                                                                     \
		0x33, 0xc7, 0x5b, 0xaf, 0xac, 0x6a, 0x4f, 0xe4, 0x8a, 0xc7, 0xe9, 0x90, 0x9b, \
			0xee, 0x2d, 0x17                                                      \
	}

/* rpmb: 19ef70bf-2fbc-4309-bdd3-c290e993f650 */
#define TSTEE_RPMB_UUID_BYTES                                                                 \
	{                                                                                     \
		0x19, 0xef, 0x70, 0xbf, 0x2f, 0xbc, 0x43, 0x09, 0xbd, 0xd3, 0xc2, 0x90, 0xe9, \
			0x93, 0xf6, 0x50                                                      \
	}

/* admin, TSTEE's own: 8f2b6d0e-53c1-4a7e-9d64-1b0c7e5fa392 */
#define TSTEE_ADMIN_UUID_BYTES                                                                \
	{                                                                                     \
		0x8f, 0x2b, 0x6d, 0x0e, 0x53, 0xc1, 0x4a, 0x7e, 0x9d, 0x64, 0x1b, 0x0c, 0x7e, \
			0x5f, 0xa3, 0x92                                                      \
	}

#endif /* TSTEE_SERVICES_H */
