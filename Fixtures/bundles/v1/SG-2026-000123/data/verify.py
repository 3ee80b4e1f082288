#!/usr/bin/env python3
"""Checks a Daybook evidence bundle. Convenience only; HOW-TO-VERIFY.txt does not need it.

Usage: python3 data/verify.py [BUNDLE]        needs Python 3.8, no network, no other package

Checks: files and manifests, the issuer's signature and all signed notes (when openssl is
there), commitments, batch roots, statements' chain, inclusion, consistency. Exit status 0 when
everything holds, 1 when something does not, 3 for wrong use.
"""
import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile

failures = []


def report(good, what):
    print(("good   " if good else "FAILED ") + what)
    if not good:
        failures.append(what)


def sha(data):
    return hashlib.sha256(data).digest()


def node(left, right):
    return sha(b"\x01" + left + right)


def read(*parts):
    with open(os.path.join(*parts), "rb") as file:
        return file.read()


def manifest(bag, name):
    entries = {}
    for line in read(bag, name).decode("utf-8").splitlines():
        digest, path = line.split(None, 1)
        entries[path.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")] = digest
    return entries


def check_files(bag):
    for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        for path, digest in sorted(manifest(bag, name).items()):
            full = os.path.join(bag, path)
            if ".." in path.split("/") or path.startswith("/"):
                report(False, "a path leads out of the bundle")
            elif not os.path.isfile(full):
                report(False, path + " is missing")
            elif hashlib.sha256(read(full)).hexdigest() != digest:
                report(False, path + " was changed")
    listed = set(manifest(bag, "manifest-sha256.txt"))
    tags = set(manifest(bag, "tagmanifest-sha256.txt"))
    for folder, _, names in os.walk(bag):
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), bag).replace(os.sep, "/")
            if path.startswith("data/") and path not in listed:
                report(False, path + " is in no manifest")
            known = path in tags or path.startswith("signatures/")
            if not path.startswith("data/") and not known and path != "tagmanifest-sha256.txt":
                report(False, path + " is in no manifest")
    report(not failures, "files are those of the manifests, none missing, none extra")


def openssl_verify(key_file, message, signature):
    with tempfile.TemporaryDirectory() as folder:
        for name, data in (("message", message), ("signature", signature)):
            with open(os.path.join(folder, name), "wb") as file:
                file.write(data)
        result = subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", key_file, "-rawin",
             "-in", os.path.join(folder, "message"),
             "-sigfile", os.path.join(folder, "signature")],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return result.returncode == 0


def public_key(key_file):
    body = b"".join(l for l in read(key_file).splitlines() if not l.startswith(b"-----"))
    return base64.b64decode(body)[-32:]


def split_note(note):
    text, _, lines = note.rpartition(b"\n\n")
    signatures = []
    for line in lines.decode("utf-8").splitlines():
        _, name, value = line.split(" ")
        signatures.append((name, base64.b64decode(value)))
    return text + b"\n", signatures


def key_id(name, kind, key):
    return sha(name.encode("utf-8") + b"\n" + bytes([kind]) + key)[:4]


def signed_by(note, name, kind, key_files):
    """Whether the note has a good signature line of one of the keys; the time for a clock's."""
    text, signatures = split_note(note)
    for signer, value in signatures:
        for key_file in key_files:
            if value[:4] != key_id(signer, kind, public_key(key_file)):
                continue
            if name is not None and signer != name:
                continue
            message, signature = text, value[4:]
            if kind == 4:
                time = int.from_bytes(value[4:12], "big")
                message = b"cosignature/v1\ntime %d\n" % time + text
                signature = value[12:]
            if openssl_verify(key_file, message, signature):
                return True
    return False


def tree_root(hashes):
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return node(tree_root(hashes[:split]), tree_root(hashes[split:]))


def inclusion_root(leaf, index, size, path):
    if index >= size:
        return None
    fn, sn, result = index, size - 1, leaf
    for hash_ in path:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            result = node(hash_, result)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            result = node(result, hash_)
        fn, sn = fn >> 1, sn >> 1
    return result if sn == 0 else None


def is_consistent(old, old_root, new, new_root, path):
    if old == new:
        return not path and old_root == new_root
    if old > new or not path:
        return False
    if old & (old - 1) == 0:
        path = [old_root] + path
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for hash_ in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(hash_, fr), node(hash_, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, hash_)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == old_root and sr == new_root


def batch_root(events_file):
    lines = events_file.split(b"\n")[3:-1]
    leaves = []
    for index, line in enumerate(lines):
        kind, number, rest = line.split(b" ", 2)
        if int(number) != index:
            return None
        if kind == b"W":
            leaves.append(bytes.fromhex(rest.split(b" ")[0].decode()))
            continue
        if kind == b"D":
            salt, rest = rest.split(b" ", 1)
            envelope, content = rest.split(b"\t", 1)
            commit = sha(b"sg.content/v1\n" + bytes.fromhex(salt.decode()) + content)
            if commit.hex().encode() != envelope.split(b" ")[4]:
                return None
        else:
            envelope = rest.rsplit(b" ", 1)[0]
        leaves.append(sha(b"\x00" + envelope))
    return tree_root(leaves)


def fields(text):
    return dict(l.split(" ", 1) for l in text.decode("utf-8").splitlines() if " " in l)


def check_batches(bag, has_openssl):
    proof = os.path.join(bag, "data", "proof")
    keys = os.path.join(bag, "keys")
    devices = [os.path.join(keys, n) for n in sorted(os.listdir(keys)) if n.startswith("device-")]
    logs, clocks = [os.path.join(keys, "log.pem")], [os.path.join(keys, "clock.pem")]
    checkpoints = {}
    statements = []
    numbers = sorted(int(m.group(1)) for m in
                     (re.match(r"leaf-(\d+)\.statement$", n) for n in os.listdir(proof)) if m)
    for number in numbers:
        base = os.path.join(proof, "leaf-%d" % number)
        name = "leaf-%d: " % number
        statement, leaf = read(base + ".statement"), read(base + ".leaf")
        text, _ = split_note(statement)
        values = fields(text)
        statements.append((text.decode("utf-8").splitlines()[2], values, sha(statement)))
        root = batch_root(read(base + ".events"))
        report(root == base64.b64decode(values["root"]), name + "events give the signed root")
        same = fields(leaf)["statement"] == base64.b64encode(sha(statement)).decode()
        report(same, name + "log leaf names the statement")
        head, _, checkpoint = read(base + ".tlog-proof").partition(b"\n\n")
        lines = head.decode("utf-8").splitlines()
        index = int([l for l in lines if l.startswith("index ")][0].split(" ")[1])
        path = [base64.b64decode(l) for l in lines if " " not in l and not l.startswith("c2sp")]
        body, _ = split_note(checkpoint)
        size, top = int(body.splitlines()[1]), base64.b64decode(body.splitlines()[2])
        found = inclusion_root(sha(b"\x00" + leaf), index, size, path)
        report(found == top and index == number, name + "is in the log at its checkpoint")
        checkpoints[size] = top
        if has_openssl:
            report(signed_by(statement, None, 1, devices), name + "statement's signature")
            report(signed_by(checkpoint, None, 1, logs), name + "checkpoint's signature")
            report(signed_by(checkpoint, None, 4, clocks), name + "clock's signature")
    last = {}
    for device, values, digest in sorted(statements, key=lambda s: (s[0], int(s[1]["batch"]))):
        number = int(values["batch"])
        if device in last and last[device][0] == number - 1:
            report(base64.b64decode(values["prev"]) == last[device][1],
                   "batch %d follows the one before" % number)
        last[device] = (number, digest)
    return checkpoints


def check_consistency(bag, checkpoints, has_openssl):
    proof = os.path.join(bag, "data", "proof")
    latest = read(proof, "checkpoint-latest.txt")
    body, _ = split_note(latest)
    new, root = int(body.splitlines()[1]), base64.b64decode(body.splitlines()[2])
    if has_openssl:
        keys = os.path.join(bag, "keys")
        report(signed_by(latest, None, 1, [os.path.join(keys, "log.pem")]),
               "newest checkpoint's signature")
        report(signed_by(latest, None, 4, [os.path.join(keys, "clock.pem")]),
               "newest checkpoint's clock signature")
    proven = set()
    for name in sorted(n for n in os.listdir(proof) if n.startswith("consistency")):
        lines = read(proof, name).decode("utf-8").splitlines()
        old, new_size = int(lines[0].split(" ")[1]), int(lines[1].split(" ")[1])
        path = [base64.b64decode(l) for l in lines[2:]]
        good = old in checkpoints and new_size == new and is_consistent(
            old, checkpoints[old], new, root, path)
        report(good, name + ": log of %d is the beginning of log of %d" % (old, new_size))
        proven.add(old)
    report(proven == set(checkpoints), "every checkpoint is tied to the newest one")


def main(arguments):
    if len(arguments) > 2 or arguments[1:] in (["-h"], ["--help"]):
        print(__doc__)
        return 3
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    bag = arguments[1] if len(arguments) == 2 else here
    has_openssl = shutil.which("openssl") is not None
    try:
        check_files(bag)
        if has_openssl:
            good = openssl_verify(
                os.path.join(bag, "keys", "issuer.pem"), read(bag, "tagmanifest-sha256.txt"),
                read(bag, "signatures", "tagmanifest-sha256.txt.sig"))
            report(good, "issuer's signature")
        else:
            print("note   no openssl here: signatures were not checked")
        checkpoints = check_batches(bag, has_openssl)
        check_consistency(bag, checkpoints, has_openssl)
    except (OSError, ValueError, KeyError, IndexError) as error:
        report(False, "the bundle cannot be read: %s" % type(error).__name__)
    print("%d failed" % len(failures) if failures else "all good")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
