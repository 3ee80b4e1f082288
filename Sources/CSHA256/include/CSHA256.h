// SHA-256 (FIPS 180-4) without allocations, for hashing many short messages.
//
// Uses the processor's SHA instructions where it has them, which is found out at run time, and plain C
// elsewhere. Both give the same hashes; tests reach both and compare them with swift-crypto.

#ifndef CSHA256_H
#define CSHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The hash of `count` bytes.
void csha256(const uint8_t *bytes, size_t count, uint8_t digest[32]);

/// The states of HMAC (RFC 2104) after the inner and the outer block of a key of at most 64 bytes.
typedef struct {
    uint32_t inner[8];
    uint32_t outer[8];
} csha256_key;

/// Makes the states of a key once, for many messages.
void csha256_key_init(csha256_key *key, const uint8_t *bytes, size_t count);

/// HMAC-SHA-256 of a message.
void csha256_code(const csha256_key *key, const uint8_t *message, size_t count, uint8_t code[32]);

// In bulk: messages are hashed two at a time, which more than halves the time of each.

/// HMAC-SHA-256 of the big-endian 32-bit numbers from `first` on; 32 bytes each.
void csha256_codes(const csha256_key *key, uint32_t first, size_t count, uint8_t *codes);

/// Where a message lies in a buffer.
typedef struct {
    size_t start;
    size_t size;
} csha256_message;

/// The hashes of messages in one buffer; 32 bytes each.
void csha256_each(
    const uint8_t *bytes, const csha256_message *messages, size_t count, uint8_t *digests);

/// Folds hashes in place: hash i becomes the RFC 6962 node of hashes 2i and 2i + 1.
void csha256_nodes(uint8_t *hashes, size_t pairs);

/// Whether this processor has SHA instructions.
bool csha256_is_accelerated(void);

/// For tests: chooses plain C, or what is best again, for all threads.
void csha256_prefer_portable(bool is_preferred);

#endif
