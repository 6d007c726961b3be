#ifndef CMONGOSHIM_LINE_H
#define CMONGOSHIM_LINE_H

#include <mongoc/mongoc.h>
#include <netdb.h>

#include "CMongoShim.h"

// Takes another reference.
rk_line *rk_line_retain(rk_line *line);
// Connects to a Unix socket, or to the first of the host's addresses that answers.
bool rk_line_connect(rk_line *line, const char *host, uint16_t port, rk_failure *failure);
// A stream over the connected socket; destroying it closes the socket.
mongoc_stream_t *rk_line_stream(rk_line *line);
// Why the line can no longer be used, if so: RK_INTERRUPTED, RK_TIMED_OUT, RK_CLOSED; else RK_OK.
rk_outcome rk_line_outcome(const rk_line *line);
int rk_line_error(const rk_line *line);
// Whether the peer has sent anything; and, for an answer to a TLS handshake, whether it was one.
bool rk_line_has_received(const rk_line *line);
bool rk_line_peer_speaks_tls(const rk_line *line);
// Forgets what happened on the socket before; its own interruption and deadline stay.
void rk_line_reset(rk_line *line);
// Writes a failure.
bool rk_fail(rk_failure *failure, rk_outcome outcome, int number, const char *text);

#endif
