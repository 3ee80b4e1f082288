#include "CSHA256.h"

#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#define HAS_INSTRUCTIONS 1
#else
#define HAS_INSTRUCTIONS 0
#endif

static const uint32_t initial_state[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static const uint32_t constants[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

// Plain C.

static uint32_t load_big(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8
        | (uint32_t)bytes[3];
}

static void store_big(uint8_t *bytes, uint32_t word) {
    bytes[0] = (uint8_t)(word >> 24);
    bytes[1] = (uint8_t)(word >> 16);
    bytes[2] = (uint8_t)(word >> 8);
    bytes[3] = (uint8_t)word;
}

static uint32_t rotate(uint32_t word, unsigned bits) { return word >> bits | word << (32 - bits); }

static void compress_portable(uint32_t state[8], const uint8_t *bytes, size_t blocks) {
    uint32_t w[64];
    for (; blocks > 0; blocks--, bytes += 64) {
        for (int i = 0; i < 16; i++) w[i] = load_big(bytes + 4 * i);
        for (int i = 16; i < 64; i++) {
            uint32_t s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
            uint32_t s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10;
            w[i] = w[i - 16] + s0 + w[i - 7] + s1;
        }
        uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
        uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
        for (int i = 0; i < 64; i++) {
            uint32_t s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
            uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + constants[i] + w[i];
            uint32_t s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
            uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
            h = g;
            g = f;
            f = e;
            e = d + t1;
            d = c;
            c = b;
            b = a;
            a = t1 + t2;
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
        state[5] += f;
        state[6] += g;
        state[7] += h;
    }
}

/// Two messages of as many blocks, one after the other.
static void compress_pair_portable(
    uint32_t left[8], uint32_t right[8], const uint8_t *left_bytes, const uint8_t *right_bytes,
    size_t blocks
) {
    compress_portable(left, left_bytes, blocks);
    compress_portable(right, right_bytes, blocks);
}

// The SHA extensions of x86. They hold the state as ABEF and CDGH and do two rounds at a time. Two rounds
// wait for the two before them, so a second message fills the gaps of the first.

#if HAS_INSTRUCTIONS

typedef struct {
    __m128i abef, cdgh;
} lane;

#define TARGET __attribute__((target("sha,sse4.1,ssse3")))
#define INLINE TARGET __attribute__((always_inline)) static inline

INLINE lane load_lane(const uint32_t state[8]) {
    __m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xB1);
    __m128i high = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1B);
    return (lane){_mm_alignr_epi8(low, high, 8), _mm_blend_epi16(high, low, 0xF0)};
}

INLINE void store_lane(lane lane, uint32_t state[8]) {
    __m128i feba = _mm_shuffle_epi32(lane.abef, 0x1B);
    __m128i dchg = _mm_shuffle_epi32(lane.cdgh, 0xB1);
    _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xF0));
    _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

INLINE void load_words(__m128i words[4], const uint8_t *block) {
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    for (int i = 0; i < 4; i++) {
        words[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)block + i), big_endian);
    }
}

INLINE void rounds(lane *lane, __m128i words, int index) {
    __m128i sums =
        _mm_add_epi32(words, _mm_load_si128((const __m128i *)(constants + 4 * index)));
    lane->cdgh = _mm_sha256rnds2_epu32(lane->cdgh, lane->abef, sums);
    lane->abef = _mm_sha256rnds2_epu32(lane->abef, lane->cdgh, _mm_shuffle_epi32(sums, 0x0E));
}

/// The next four words of the schedule, in place of the oldest four.
INLINE void schedule(__m128i words[4], int oldest) {
    __m128i third = words[(oldest + 2) & 3], last = words[(oldest + 3) & 3];
    __m128i sums = _mm_add_epi32(
        _mm_sha256msg1_epu32(words[oldest], words[(oldest + 1) & 3]),
        _mm_alignr_epi8(last, third, 4));
    words[oldest] = _mm_sha256msg2_epu32(sums, last);
}

INLINE lane add(lane one, lane other) {
    return (lane){
        _mm_add_epi32(one.abef, other.abef), _mm_add_epi32(one.cdgh, other.cdgh),
    };
}

TARGET static void compress_accelerated(uint32_t state[8], const uint8_t *bytes, size_t blocks) {
    lane now = load_lane(state);
    for (; blocks > 0; blocks--, bytes += 64) {
        lane before = now;
        __m128i words[4];
        load_words(words, bytes);
#pragma clang loop unroll(full)
        for (int index = 0; index < 16; index++) {
            if (index >= 4) schedule(words, index & 3);
            rounds(&now, words[index & 3], index);
        }
        now = add(now, before);
    }
    store_lane(now, state);
}

TARGET static void compress_pair_accelerated(
    uint32_t left[8], uint32_t right[8], const uint8_t *left_bytes, const uint8_t *right_bytes,
    size_t blocks
) {
    lane one = load_lane(left), other = load_lane(right);
    for (; blocks > 0; blocks--, left_bytes += 64, right_bytes += 64) {
        lane one_before = one, other_before = other;
        __m128i one_words[4], other_words[4];
        load_words(one_words, left_bytes);
        load_words(other_words, right_bytes);
#pragma clang loop unroll(full)
        for (int index = 0; index < 16; index++) {
            if (index >= 4) {
                schedule(one_words, index & 3);
                schedule(other_words, index & 3);
            }
            rounds(&one, one_words[index & 3], index);
            rounds(&other, other_words[index & 3], index);
        }
        one = add(one, one_before);
        other = add(other, other_before);
    }
    store_lane(one, left);
    store_lane(other, right);
}

static bool has_instructions(void) {
    unsigned a, b, c, d;
    // SHA, SSSE3 and SSE4.1 in the lists of CPUID.
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b & 1u << 29)) return false;
    return __get_cpuid(1, &a, &b, &c, &d) && c & 1u << 9 && c & 1u << 19;
}

#else

#define compress_accelerated compress_portable
#define compress_pair_accelerated compress_pair_portable

static bool has_instructions(void) { return false; }

#endif

// Which to use; written with the same value by whoever comes first.
enum { UNKNOWN, PORTABLE, ACCELERATED };
static int choice = UNKNOWN;

static bool is_accelerated(void) {
    int known = __atomic_load_n(&choice, __ATOMIC_RELAXED);
    if (known == UNKNOWN) {
        known = has_instructions() ? ACCELERATED : PORTABLE;
        __atomic_store_n(&choice, known, __ATOMIC_RELAXED);
    }
    return known == ACCELERATED;
}

static void compress(uint32_t state[8], const uint8_t *bytes, size_t blocks) {
    if (is_accelerated()) {
        compress_accelerated(state, bytes, blocks);
    } else {
        compress_portable(state, bytes, blocks);
    }
}

static void compress_pair(
    uint32_t left[8], uint32_t right[8], const uint8_t *left_bytes, const uint8_t *right_bytes,
    size_t blocks
) {
    if (is_accelerated()) {
        compress_pair_accelerated(left, right, left_bytes, right_bytes, blocks);
    } else {
        compress_pair_portable(left, right, left_bytes, right_bytes, blocks);
    }
}

static void store_state(const uint32_t state[8], uint8_t digest[32]) {
    for (int i = 0; i < 8; i++) store_big(digest + 4 * i, state[i]);
}

static void begin(uint32_t state[8]) { memcpy(state, initial_state, sizeof initial_state); }

/// How many blocks a message fills with its padding.
static size_t blocks_of(size_t count) { return (count + 8) / 64 + 1; }

/// Writes the end mark and the length after a message of `count` bytes at the start of `blocks` blocks; `before`
/// counts the bytes that the state holds already.
static void pad(uint8_t *block, size_t count, size_t blocks, uint64_t before) {
    memset(block + count, 0, blocks * 64 - count);
    block[count] = 0x80;
    uint64_t bits = (before + count) * 8;
    store_big(block + blocks * 64 - 8, (uint32_t)(bits >> 32));
    store_big(block + blocks * 64 - 4, (uint32_t)bits);
}

static void finish(uint32_t state[8], const uint8_t *bytes, size_t count, uint64_t before) {
    size_t whole = count / 64, rest = count % 64;
    if (whole > 0) compress(state, bytes, whole);
    uint8_t last[128];
    // A rest of nothing may come without an address.
    if (rest > 0) memcpy(last, bytes + whole * 64, rest);
    pad(last, rest, blocks_of(rest), before + whole * 64);
    compress(state, last, blocks_of(rest));
}

void csha256(const uint8_t *bytes, size_t count, uint8_t digest[32]) {
    uint32_t state[8];
    begin(state);
    finish(state, bytes, count, 0);
    store_state(state, digest);
}

void csha256_key_init(csha256_key *key, const uint8_t *bytes, size_t count) {
    uint8_t block[64];
    for (size_t i = 0; i < 64; i++) block[i] = (i < count ? bytes[i] : 0) ^ 0x36;
    begin(key->inner);
    compress(key->inner, block, 1);
    for (size_t i = 0; i < 64; i++) block[i] ^= 0x36 ^ 0x5c;
    begin(key->outer);
    compress(key->outer, block, 1);
}

void csha256_code(const csha256_key *key, const uint8_t *message, size_t count, uint8_t code[32]) {
    uint32_t state[8];
    uint8_t inner[32];
    memcpy(state, key->inner, sizeof state);
    finish(state, message, count, 64);
    store_state(state, inner);
    memcpy(state, key->outer, sizeof state);
    finish(state, inner, sizeof inner, 64);
    store_state(state, code);
}

void csha256_codes(const csha256_key *key, uint32_t first, size_t count, uint8_t *codes) {
    uint8_t blocks[2][64];
    uint32_t states[2][8];
    for (size_t index = 0; index < count; index += 2) {
        for (int side = 0; side < 2; side++) {
            store_big(blocks[side], first + (uint32_t)index + (uint32_t)side);
            pad(blocks[side], 4, 1, 64);
            memcpy(states[side], key->inner, sizeof states[side]);
        }
        compress_pair(states[0], states[1], blocks[0], blocks[1], 1);
        for (int side = 0; side < 2; side++) {
            store_state(states[side], blocks[side]);
            pad(blocks[side], 32, 1, 64);
            memcpy(states[side], key->outer, sizeof states[side]);
        }
        compress_pair(states[0], states[1], blocks[0], blocks[1], 1);
        store_state(states[0], codes + 32 * index);
        if (index + 1 < count) store_state(states[1], codes + 32 * index + 32);
    }
}

// A message of up to so many blocks is copied, padded and hashed beside another; longer ones alone.
enum { PAIR_BLOCKS = 8 };

void csha256_each(
    const uint8_t *bytes, const csha256_message *messages, size_t count, uint8_t *digests
) {
    uint8_t copies[2][PAIR_BLOCKS * 64];
    uint32_t states[2][8];
    size_t index = 0;
    while (index < count) {
        size_t blocks = blocks_of(messages[index].size);
        bool is_pair = index + 1 < count && blocks <= PAIR_BLOCKS
            && blocks_of(messages[index + 1].size) == blocks;
        if (!is_pair) {
            csha256(
                bytes + messages[index].start, messages[index].size, digests + 32 * index);
            index++;
            continue;
        }
        for (size_t side = 0; side < 2; side++) {
            csha256_message message = messages[index + side];
            memcpy(copies[side], bytes + message.start, message.size);
            pad(copies[side], message.size, blocks, 0);
            begin(states[side]);
        }
        compress_pair(states[0], states[1], copies[0], copies[1], blocks);
        store_state(states[0], digests + 32 * index);
        store_state(states[1], digests + 32 * index + 32);
        index += 2;
    }
}

void csha256_nodes(uint8_t *hashes, size_t pairs) {
    uint8_t blocks[2][128];
    uint32_t states[2][8];
    for (size_t pair = 0; pair < pairs; pair += 2) {
        size_t sides = pair + 1 < pairs ? 2 : 1;
        for (size_t side = 0; side < 2; side++) {
            // A last odd pair is hashed beside itself.
            size_t source = side < sides ? pair + side : pair;
            blocks[side][0] = 1;
            memcpy(blocks[side] + 1, hashes + 64 * source, 64);
            pad(blocks[side], 65, 2, 0);
            begin(states[side]);
        }
        compress_pair(states[0], states[1], blocks[0], blocks[1], 2);
        for (size_t side = 0; side < sides; side++) {
            store_state(states[side], hashes + 32 * (pair + side));
        }
    }
}

bool csha256_is_accelerated(void) { return is_accelerated(); }

void csha256_prefer_portable(bool is_preferred) {
    int wanted = !is_preferred && has_instructions() ? ACCELERATED : PORTABLE;
    __atomic_store_n(&choice, wanted, __ATOMIC_RELAXED);
}
