// SPDX-License-Identifier: BSD-3-Clause
/*
 * Measured boot of the machine, for TF-A's BL2 with the SPM dispatcher: what is loaded is
 * measured into an event log (TCG PC Client Platform Firmware Profile), and the SPM core gets
 * the log's address in its manifest. Takes the place of TF-A's own file for PLAT=qemu, which
 * can't tell an SPM core, and demands a TPM in the normal world's device tree.
 */
#include <common/desc_image_load.h>
#include <common/fdt_wrappers.h>
#include <drivers/measured_boot/event_log/event_log.h>
#include <drivers/measured_boot/metadata.h>
#include <libfdt.h>
#include <plat/common/common_def.h>
#include <plat/common/platform.h>
#include <platform_def.h>

/* Spare bytes for the node that is added to the manifest. */
#define NODE_LEN 512

static uint8_t event_log[PLAT_EVENT_LOG_MAX_SIZE];

static const event_log_metadata_t images[] = {
	{ BL31_IMAGE_ID, MBOOT_BL31_IMAGE_STRING, PCR_0 },
	{ BL32_IMAGE_ID, MBOOT_BL32_IMAGE_STRING, PCR_0 },
	{ BL32_EXTRA1_IMAGE_ID, MBOOT_BL32_EXTRA1_IMAGE_STRING, PCR_0 },
	{ BL32_EXTRA2_IMAGE_ID, MBOOT_BL32_EXTRA2_IMAGE_STRING, PCR_0 },
	{ BL33_IMAGE_ID, MBOOT_BL33_IMAGE_STRING, PCR_0 },
	{ TOS_FW_CONFIG_ID, MBOOT_TOS_FW_CONFIG_STRING, PCR_0 },
	{ EVLOG_INVALID_ID, NULL, (unsigned int)-1 },
};

void bl2_plat_mboot_init(void)
{
	event_log_init(event_log, event_log + sizeof(event_log));
	event_log_write_header();
}

/* Adds the log's place to the SPM core's manifest. 0 or an error of libfdt. */
static int tell_spm_core(size_t len)
{
	const bl_mem_params_node_t *params = get_bl_mem_params_node(TOS_FW_CONFIG_ID);
	void *manifest = (void *)params->image_info.image_base;
	int node, err;

	err = fdt_open_into(manifest, manifest, fdt_totalsize(manifest) + NODE_LEN);
	if (err)
		return err;
	node = fdtw_find_or_add_subnode(manifest, 0, "tpm_event_log");
	if (node < 0)
		return node;
	err = fdt_setprop_string(manifest, node, "compatible", "arm,tpm_event_log");
	if (!err)
		err = fdt_setprop_u64(manifest, node, "tpm_event_log_sm_addr",
				      (uintptr_t)event_log);
	if (!err)
		err = fdt_setprop_u32(manifest, node, "tpm_event_log_size", (uint32_t)len);
	flush_dcache_range((uintptr_t)manifest, fdt_totalsize(manifest));
	return err;
}

void bl2_plat_mboot_finish(void)
{
	const size_t len = event_log_get_cur_size(event_log);

	if (tell_spm_core(len)) {
		ERROR("measured boot: the SPM core can't be told\n");
		panic();
	}
	flush_dcache_range((uintptr_t)event_log, len);
}

int plat_mboot_measure_image(unsigned int image_id, image_info_t *image)
{
	return event_log_measure_and_record(image->image_base, image->image_size, image_id, images);
}

int plat_mboot_measure_key(const void *oid, const void *key, size_t len)
{
	return 0;
}
