"""Writes the words that randomness.rs expects of a stream, without any of Lethe's code.

A key is SHA-256 of (parent key, label); a stream is ChaCha with eight rounds under that key
(RFC 8439's block function with a 64-bit counter and a zero nonce).  Usage: python3 stream.py
"""

import hashlib
import struct

MASK = 0xFFFFFFFF
COLUMNS = [(0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15)]
DIAGONALS = [(0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)]


def rotate(word, bits):
    return ((word << bits) | (word >> (32 - bits))) & MASK


def chacha8(key, counter):
    start = list(struct.unpack("<4I", b"expand 32-byte k")) + list(struct.unpack("<8I", key))
    start += [counter & MASK, counter >> 32, 0, 0]
    words = start[:]
    for a, b, c, d in (COLUMNS + DIAGONALS) * 4:
        for x, y, z, bits in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            words[x] = (words[x] + words[y]) & MASK
            words[z] = rotate(words[z] ^ words[x], bits)
    return [(now + then) & MASK for now, then in zip(words, start)]


key = hashlib.sha256(b"lethe seed v1" + struct.pack("<Q", 7)).digest()
for label in ("data", "x1"):
    key = hashlib.sha256(key + label.encode()).digest()
words = [word for block in range(5) for word in chacha8(key, block)]
print([f"{words[index]:08x}" for index in (0, 1, 2, 3, 64, 70)])
