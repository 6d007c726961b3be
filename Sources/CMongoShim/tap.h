#ifndef CMONGOSHIM_TAP_H
#define CMONGOSHIM_TAP_H

#include <mongoc/mongoc.h>

// What is known of the message that is coming in: see tap.c.
typedef struct {
    bool has_received;  // Anything ever came.
    bool is_broken;     // What came is not a message that libmongoc should see.
    uint8_t head[40];   // The beginning of the message, as much as decides where its document is.
    size_t received, length;
    uint8_t last;
    bool wanted;  // Its document may be asked for: then it is kept, too.
    uint8_t *bytes;
    size_t capacity;
    uint32_t asked;     // The kind of the last message that was sent (its opcode).
} rk_tap;

// A stream that passes everything on to `inner`, which it owns, and looks at what comes in.
mongoc_stream_t *rk_tap_stream(mongoc_stream_t *inner, rk_tap *tap);
// The document in the last message, if it came whole while it was wanted.
bool rk_tap_document(const rk_tap *tap, bson_t *document);

#endif
