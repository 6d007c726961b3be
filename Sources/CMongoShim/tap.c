// Keeps the last message of a conversation in which libmongoc does not show the server's answers.
//
// When authentication fails, libmongoc gives the text of the server's error and drops its code, name and labels.
// The tap sits above TLS, so it sees what libmongoc sees.
#include "tap.h"

#include <stdlib.h>
#include <string.h>

// Answers to `hello` and to the steps of authentication are far smaller; longer ones are not kept.
#define RK_TAP_LIMIT 65536

typedef struct {
    mongoc_stream_t vtable;
    mongoc_stream_t *inner;
    rk_tap *tap;
} tap_stream;

static void keep(rk_tap *tap, const mongoc_iovec_t *iov, size_t iovcnt, size_t count) {
    if (tap->length + count > RK_TAP_LIMIT) count = 0;
    if (tap->length + count > tap->capacity) {
        uint8_t *bytes = realloc(tap->bytes, RK_TAP_LIMIT);
        if (!bytes) return;
        tap->bytes = bytes;
        tap->capacity = RK_TAP_LIMIT;
    }
    for (size_t index = 0; index < iovcnt && count > 0; index++) {
        size_t part = iov[index].iov_len < count ? iov[index].iov_len : count;
        memcpy(tap->bytes + tap->length, iov[index].iov_base, part);
        tap->length += part;
        count -= part;
    }
}

static ssize_t tap_readv(
    mongoc_stream_t *stream, mongoc_iovec_t *iov, size_t iovcnt, size_t enough, int32_t timeout) {
    tap_stream *self = (tap_stream *)stream;
    ssize_t count = mongoc_stream_readv(self->inner, iov, iovcnt, enough, timeout);
    if (count > 0) self->tap->has_received = true;
    if (count > 0 && self->tap->wanted) keep(self->tap, iov, iovcnt, (size_t)count);
    return count;
}

static ssize_t tap_writev(mongoc_stream_t *stream, mongoc_iovec_t *iov, size_t iovcnt, int32_t timeout) {
    tap_stream *self = (tap_stream *)stream;
    self->tap->length = 0;
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

static uint32_t read_uint32(const uint8_t *bytes) {
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

bool rk_tap_document(const rk_tap *tap, bson_t *document) {
    if (tap->length < 16 || read_uint32(tap->bytes) != tap->length) return false;
    size_t start;
    switch (read_uint32(tap->bytes + 12)) {
    case 1: start = 36; break;     // OP_REPLY: header, flags, cursor, position, count
    case 2013: start = 21; break;  // OP_MSG: header, flags, kind of the section
    default: return false;
    }
    if (tap->length < start + 5) return false;
    uint32_t length = read_uint32(tap->bytes + start);
    return length <= tap->length - start && bson_init_static(document, tap->bytes + start, length);
}
