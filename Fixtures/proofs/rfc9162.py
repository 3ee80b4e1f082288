"""Checks Merkle proofs by the words of RFC 9162 sections 2.1.1, 2.1.3.2 and 2.1.4.2 and nothing of ours.

Standard input, a line a tree:  size root  (index path)*  "c" (old path)*
where a path is hashes in hex joined by commas, or "-". Leaf i is the text of the number i.
Prints how many trees and proofs it checked; ends with status 1 at the first that does not hold.
"""

import hashlib
import sys


def sha256(data):
    return hashlib.sha256(data).digest()


def leaf(index):
    return sha256(b"\x00" + str(index).encode())


def node(left, right):
    return sha256(b"\x01" + left + right)


class Roots:
    """Roots of the trees over the first n leaves, by the recursive definition, whole subtrees kept."""

    def __init__(self):
        self.kept = {}

    def of(self, start, end):
        if end == start:
            return sha256(b"")
        if end - start == 1:
            return leaf(start)
        if (start, end) in self.kept:
            return self.kept[start, end]
        split = 1
        while split * 2 < end - start:
            split *= 2
        root = node(self.of(start, start + split), self.of(start + split, end))
        if (end - start) & (end - start - 1) == 0:
            self.kept[start, end] = root
        return root


def is_included(index, size, path, root):
    fn, sn, r = index, size - 1, leaf(index)
    for p in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node(p, r)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            r = node(r, p)
        fn >>= 1
        sn >>= 1
    return sn == 0 and r == root


def is_consistent(old, new, path, old_root, new_root):
    if old == new:
        return not path and old_root == new_root
    path = list(path)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn >>= 1
        sn >>= 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            sr = node(sr, c)
        fn >>= 1
        sn >>= 1
    return sn == 0 and fr == old_root and sr == new_root


def hashes(text):
    return [] if text == "-" else [bytes.fromhex(part) for part in text.split(",")]


def main():
    roots = Roots()
    trees = proofs = 0
    for line in sys.stdin:
        words = line.split()
        size, root = int(words[0]), bytes.fromhex(words[1])
        if roots.of(0, size) != root:
            sys.exit("another root for %d leaves" % size)
        split = words.index("c")
        for index, path in zip(words[2:split:2], words[3:split:2]):
            if not is_included(int(index), size, hashes(path), root):
                sys.exit("leaf %s is not in the tree of %d" % (index, size))
            proofs += 1
        for old, path in zip(words[split + 1 :: 2], words[split + 2 :: 2]):
            if not is_consistent(int(old), size, hashes(path), roots.of(0, int(old)), root):
                sys.exit("the tree of %s is not the beginning of that of %d" % (old, size))
            proofs += 1
        trees += 1
    print(trees, proofs)


main()
