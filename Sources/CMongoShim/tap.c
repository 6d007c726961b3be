// Looks at every message before libmongoc does; it sits above TLS, so it sees what libmongoc sees.
//
// Three things are wanted of it. libmongoc 1.23 trusts a message to have no more sections than fit into its array, so
// one from a hostile or broken server can overwrite its stack: only messages of the one form that servers answer with
// are let through. It ends the process over a greeting that is not BSON inside: such are not let through either. And when
// authentication fails, libmongoc gives the text of the server's error and drops its code, name and labels: the last
// message of that conversation is kept.
#include "tap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

// The longest message that servers and clients agree on.
#define RK_MESSAGE_LIMIT 48000000
// Answers to `hello` and to the steps of authentication are far smaller.
#define RK_KEPT_LIMIT 65536

typedef struct {
    mongoc_stream_t vtable;
    mongoc_stream_t *inner;
    rk_tap *tap;
} tap_stream;

static uint32_t read_uint32(const uint8_t *bytes) {
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

// Where the document starts in the message that `head` begins; 0 when there is not exactly one.
static size_t document_start(const rk_tap *tap) {
    switch (read_uint32(tap->head + 12)) {
    case 1:  // OP_REPLY: header, flags, cursor, position, number of documents; to OP_QUERY alone
        return tap->asked == 2004 && tap->length >= 41 && read_uint32(tap->head + 32) == 1 ? 36 : 0;
    case 2013:  // OP_MSG: header, flags without checksum or promise of more, one section with the body; to OP_MSG alone
        return tap->asked == 2013 && tap->length >= 26 && read_uint32(tap->head + 16) == 0 && tap->head[20] == 0 ? 21 : 0;
    default:
        return 0;
    }
}

// Whether all of a kept message's document is BSON: while it greets and signs in, libmongoc takes that for granted and
// ends the process where it is not.
static bool is_sound(const rk_tap *tap, size_t start) {
    bson_t document;
    return bson_init_static(&document, tap->bytes + start, tap->length - start) &&
        bson_validate(&document, BSON_VALIDATE_NONE, NULL);
}

static bool is_well_formed(const rk_tap *tap) {
    size_t start = document_start(tap);
    if (!start || read_uint32(tap->head + start) != tap->length - start || tap->last != 0) return false;
    return !tap->wanted || is_sound(tap, start);
}

static bool keep(rk_tap *tap, const uint8_t *bytes, size_t count) {
    if (tap->received + count > RK_KEPT_LIMIT) return false;
    if (!tap->bytes && !(tap->bytes = malloc(RK_KEPT_LIMIT))) return false;
    memcpy(tap->bytes + tap->received, bytes, count);
    return true;
}

// Takes note of bytes that came in; false when they can be no part of a good message.
static bool accept_bytes(rk_tap *tap, const uint8_t *bytes, size_t count) {
    if (count == 0) return true;
    tap->has_received = true;
    for (size_t at = tap->received; at < sizeof tap->head && at - tap->received < count; at++) {
        tap->head[at] = bytes[at - tap->received];
    }
    if (tap->wanted && !keep(tap, bytes, count)) return false;
    tap->received += count;
    tap->last = bytes[count - 1];
    if (tap->received < 4) return true;
    tap->length = read_uint32(tap->head);
    if (tap->length < 16 || tap->length > RK_MESSAGE_LIMIT || tap->received > tap->length) return false;
    return tap->received < tap->length || is_well_formed(tap);
}

static ssize_t tap_readv(
    mongoc_stream_t *stream, mongoc_iovec_t *iov, size_t iovcnt, size_t enough, int32_t timeout) {
    tap_stream *self = (tap_stream *)stream;
    // Streams may use up the list of buffers; libmongoc reads into one at a time.
    uint8_t *bytes = iov->iov_base;
    if (iovcnt != 1) {
        errno = EINVAL;
        return -1;
    }
    ssize_t count = mongoc_stream_readv(self->inner, iov, iovcnt, enough, timeout);
    if (count <= 0 || accept_bytes(self->tap, bytes, (size_t)count)) return count;
    self->tap->is_broken = true;
    errno = EPROTO;
    return -1;
}

// The opcode of a message: libmongoc sends each in one piece, spread over any number of buffers.
static uint32_t opcode(const mongoc_iovec_t *iov, size_t iovcnt) {
    uint8_t head[16] = {0};
    size_t filled = 0;
    for (size_t i = 0; i < iovcnt && filled < sizeof head; i++) {
        const uint8_t *bytes = iov[i].iov_base;
        for (size_t at = 0; at < iov[i].iov_len && filled < sizeof head; at++) head[filled++] = bytes[at];
    }
    return read_uint32(head + 12);
}

static ssize_t tap_writev(mongoc_stream_t *stream, mongoc_iovec_t *iov, size_t iovcnt, int32_t timeout) {
    tap_stream *self = (tap_stream *)stream;
    self->tap->received = 0;
    self->tap->asked = opcode(iov, iovcnt);
    return mongoc_stream_writev(self->inner, iov, iovcnt, timeout);
}

static void tap_destroy(mongoc_stream_t *stream) {
    mongoc_stream_destroy(((tap_stream *)stream)->inner);
    free(stream);
}

static int tap_close(mongoc_stream_t *stream) { return mongoc_stream_close(((tap_stream *)stream)->inner); }

static int tap_flush(mongoc_stream_t *stream) { return mongoc_stream_flush(((tap_stream *)stream)->inner); }

static int tap_setsockopt(mongoc_stream_t *stream, int level, int name, void *value, mongoc_socklen_t length) {
    return mongoc_stream_setsockopt(((tap_stream *)stream)->inner, level, name, value, length);
}

static mongoc_stream_t *tap_get_base_stream(mongoc_stream_t *stream) { return ((tap_stream *)stream)->inner; }

static bool tap_check_closed(mongoc_stream_t *stream) {
    return mongoc_stream_check_closed(((tap_stream *)stream)->inner);
}

static bool tap_timed_out(mongoc_stream_t *stream) { return mongoc_stream_timed_out(((tap_stream *)stream)->inner); }

static bool tap_should_retry(mongoc_stream_t *stream) {
    return mongoc_stream_should_retry(((tap_stream *)stream)->inner);
}

mongoc_stream_t *rk_tap_stream(mongoc_stream_t *inner, rk_tap *tap) {
    tap_stream *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    self->inner = inner;
    self->tap = tap;
    self->vtable = (mongoc_stream_t){
        .type = 0x5254,
        .destroy = tap_destroy,
        .failed = tap_destroy,
        .close = tap_close,
        .flush = tap_flush,
        .writev = tap_writev,
        .readv = tap_readv,
        .setsockopt = tap_setsockopt,
        .get_base_stream = tap_get_base_stream,
        .check_closed = tap_check_closed,
        .timed_out = tap_timed_out,
        .should_retry = tap_should_retry,
    };
    return &self->vtable;
}

bool rk_tap_document(const rk_tap *tap, bson_t *document) {
    if (tap->is_broken || !tap->bytes || tap->received < 16 || tap->received != tap->length) return false;
    size_t start = document_start(tap);
    return start && bson_init_static(document, tap->bytes + start, tap->length - start);
}
