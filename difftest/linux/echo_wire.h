/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the host sees that what it sends comes to the agent as it was sent: more frames like those of wire.h, for
 * connections that other people's programs make.
 *
 * The host sends AGENT_FRAME_ECHO with every value of a byte, and the agent answers with AGENT_FRAME_ECHOED, which has
 * what came to it: another kind, so that a connection that sends back what it is sent is no agent. It answers a frame
 * that it does not know with AGENT_FRAME_REFUSED, which has that frame as it came, and exits.
 */
#ifndef MTECHECK_DIFFTEST_LINUX_ECHO_WIRE_H
#define MTECHECK_DIFFTEST_LINUX_ECHO_WIRE_H

#include "difftest/linux/wire.h"

/* agent_hello.version of the Linux agent. That of an adapter, which knows the frames of wire.h alone and comes with its
 * own host, is AGENT_VERSION. */
#define AGENT_LINUX_VERSION 4u

#define AGENT_ECHO_BYTES 256 /* what follows AGENT_FRAME_ECHO: 0, 1, 2... */

#ifdef __cplusplus
namespace mtecheck::difftest {
#endif

enum { AGENT_FRAME_ECHO = AGENT_FRAME_ABI + 1, AGENT_FRAME_REFUSED, AGENT_FRAME_ECHOED };

#ifdef __cplusplus
} // namespace mtecheck::difftest
#endif

#endif
