/* SPDX-License-Identifier: BSD-3-Clause */
/* tstee key csr, tstee key cert. */
#ifndef CMD_TSTEE_KEY_CERTIFICATE_H
#define CMD_TSTEE_KEY_CERTIFICATE_H

#include "args.h"

enum exit_code key_csr(const struct args *args);
enum exit_code key_cert(const struct args *args);

#endif /* CMD_TSTEE_KEY_CERTIFICATE_H */
