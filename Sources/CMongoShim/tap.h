#ifndef CMONGOSHIM_TAP_H
#define CMONGOSHIM_TAP_H

#include <mongoc/mongoc.h>

// The last message that came in, while it is wanted: see tap.c.
typedef struct {
    bool wanted, has_received;
    uint8_t *bytes;
    size_t length, capacity;
} rk_tap;

// A stream that passes everything on to `inner`, which it owns, and copies what comes in to `tap`.
mongoc_stream_t *rk_tap_stream(mongoc_stream_t *inner, rk_tap *tap);
// The document in the last message, if that was a whole answer of a server.
bool rk_tap_document(const rk_tap *tap, bson_t *document);

#endif
