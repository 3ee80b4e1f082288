"""A power cut for tests, second half: makes a folder what a disk may hold after the power went.

    powercut.py BEFORE JOURNAL FOLDER LOSS SEED

BEFORE is a copy of FOLDER from before the programs began that wrote JOURNAL (see powercut.c); all of
them must be dead. FOLDER is rewritten. LOSS says what happens to what no later sync covers:

    none   it is all there
    all    it is gone
    half   each page of 4,096 bytes is there as it was at the last sync, or now, or at a write between
    torn   the same for each sector of 512 bytes

A name made, changed or removed survives a sync of its folder, and only that. Under `half` and `torn` a
folder keeps the first few of its changes, as a file system with a journal of its own does; a size
likewise. A sector is never a mixture: it holds what some moment's writes had made of it.

First of all everything is computed as if nothing were lost and compared with FOLDER: what the library
did not see, it names here, with status 3. The last call of each process is let off, because the
process may have died before, in or after it. Prints how many writes and names there were to lose.
"""

import os
import random
import shutil
import struct
import sys

HEADER = struct.Struct("<IIIiQQQ")
MAGIC = 0x43545750


class File:
    """A file or a folder: what is on the disk for certain, and what came since."""

    def __init__(self, is_folder=False, synced=b""):
        self.is_folder = is_folder
        self.synced = bytearray(synced)
        self.pending = []  # (position, None or offset, bytes or size)

    def sync(self, end):
        for _, offset, what in [change for change in self.pending if change[0] < end]:
            apply(self.synced, offset, what)
        self.pending = [change for change in self.pending if change[0] >= end]

    def now(self):
        image = bytearray(self.synced)
        for _, offset, what in self.pending:
            apply(image, offset, what)
        return bytes(image)

    def after(self, loss, chance):
        if loss == "all" or not self.pending:
            return bytes(self.synced)
        if loss == "none":
            return self.now()
        unit = 4096 if loss == "half" else 512
        sizes = [len(self.synced)]
        touching = {}
        for index, (_, offset, what) in enumerate(self.pending):
            before = sizes[-1]
            if offset is None:
                sizes.append(what)
                first, last = min(what, before) // unit, max(what, before) // unit
            else:
                sizes.append(max(before, offset + len(what)))
                first, last = offset // unit, (offset + len(what)) // unit
            for number in range(first, last + 1):
                touching.setdefault(number, []).append(index)
        size = sizes[survivors(len(self.pending), chance)]
        image = self.synced[:size].ljust(size, b"\0")
        for number, indices in touching.items():
            start = number * unit
            if start >= size:
                continue
            block = bytearray(self.synced[start : start + unit].ljust(unit, b"\0"))
            for index in indices[: survivors(len(indices), chance)]:
                _, offset, what = self.pending[index]
                if offset is None:
                    cut = min(max(what - start, 0), unit)
                    block[cut:] = bytes(unit - cut)
                else:
                    low, high = max(offset, start), min(offset + len(what), start + unit)
                    if low < high:
                        block[low - start : high - start] = what[low - offset : high - offset]
            end = min(start + unit, size)
            image[start:end] = block[: end - start]
        return bytes(image)


def apply(image, offset, what):
    if offset is None:
        image[:] = image[:what].ljust(what, b"\0")
        return
    if len(image) < offset:
        image.extend(bytes(offset - len(image)))
    image[offset : offset + len(what)] = what


def survivors(count, chance):
    """How many of so many changes are there: all and none are the likeliest."""
    return chance.choice([0, count, count, chance.randint(0, count)])


def parent(path):
    return path.rpartition("/")[0]


class Disk:
    def __init__(self, before):
        self.names = {"": File(is_folder=True)}
        for path, content in tree(before).items():
            self.names[path] = File(content is None, content or b"")
        self.synced_names = dict(self.names)
        self.pending_names = {}  # folder -> [(position, [(path, File or None)])]
        self.opened = {}
        self.last_call = {}  # process -> paths its last call may have left half done
        self.syncs = 0

    def change(self, position, folder, *bindings):
        for path, file in bindings:
            if file is None:
                self.names.pop(path, None)
            else:
                self.names[path] = file
        self.pending_names.setdefault(folder, []).append((position, bindings))

    def sync_names(self, folder, end):
        changes = self.pending_names.get(folder, [])
        bind(self.synced_names, [change for change in changes if change[0] < end])
        self.pending_names[folder] = [change for change in changes if change[0] >= end]

    def replay(self, journal):
        position = 0
        while position + HEADER.size <= len(journal):
            magic, kind, process, descriptor, offset, size, second = HEADER.unpack_from(
                journal, position
            )
            if magic != MAGIC:
                sys.exit(f"the journal is damaged at byte {position}")
            start = position + HEADER.size
            if start + size > len(journal):
                break  # the process died while it wrote this down
            payload = journal[start : start + size]
            self.step(position, chr(kind), (process, descriptor), offset, payload, second)
            position = start + size

    def step(self, position, kind, handle, offset, payload, second):
        if kind in "oumd":
            path = payload.decode()
        if kind == "o":
            if path not in self.names and offset & 1:
                self.change(position, parent(path), (path, File()))
            self.opened[handle] = path, self.names.get(path)
            if offset & 2 and self.names.get(path):
                self.names[path].pending.append((position, None, 0))
            return
        if kind == "s":
            path, file = self.opened.get(handle, ("", None))
            if file and file.is_folder:
                self.sync_names(path, offset)
            elif file:
                file.sync(offset)
            self.syncs += 1
            return
        paths = set()
        if kind in "wt":
            path, file = self.opened.get(handle, ("", None))
            if file:
                what = (offset, payload) if kind == "w" else (None, offset)
                file.pending.append((position, *what))
            paths = {path}
        elif kind == "r":
            cut = len(payload) - second
            old, new = payload[:cut].decode(), payload[cut:].decode()
            if parent(old) != parent(new):
                sys.exit("renaming from folder to folder is not foreseen")
            if old in self.names:
                if self.names[old].is_folder:
                    sys.exit("renaming a folder is not foreseen")
                self.change(position, parent(new), (old, None), (new, self.names[old]))
            paths = {old, new}
        elif kind == "m":
            self.change(position, parent(path), (path, File(is_folder=True)))
            return
        elif path in self.names:
            self.change(position, parent(path), (path, None))
            paths = {path}
        self.last_call[handle[0]] = paths

    def compare(self, folder):
        let_off = set().union(*self.last_call.values())
        actual = tree(folder)
        wrong = []
        for path in sorted((set(actual) | set(self.names)) - let_off - {""}):
            file = self.names.get(path)
            expected = file and (None if file.is_folder else file.now())
            # Empty: its making was not written down any more.
            if file is None and not actual[path]:
                continue
            if file is None or path not in actual or actual[path] != expected:
                wrong.append(path)
        return wrong

    def after(self, loss, chance):
        names = dict(self.names) if loss == "none" else dict(self.synced_names)
        if loss in ("half", "torn"):
            for folder in sorted(self.pending_names):
                changes = self.pending_names[folder]
                bind(names, changes[: survivors(len(changes), chance)])
        content = {}
        for path in sorted(names):
            folder = names.get(parent(path))
            if path and folder and folder.is_folder and (not parent(path) or parent(path) in content):
                file = names[path]
                content[path] = None if file.is_folder else file.after(loss, chance)
        return content


def bind(names, changes):
    for _, bindings in changes:
        for path, file in bindings:
            if file is None:
                names.pop(path, None)
            else:
                names[path] = file


def tree(folder):
    """Every file below a folder with its bytes, every folder with None."""
    found = {}
    for root, folders, files in os.walk(folder):
        below = os.path.relpath(root, folder)
        for name in folders + files:
            path = name if below == "." else below + "/" + name
            if name in folders:
                found[path] = None
            elif not name.endswith("-shm"):
                with open(os.path.join(root, name), "rb") as file:
                    found[path] = file.read()
    return found


def write(folder, content):
    actual = tree(folder)
    for path in sorted(actual, reverse=True):
        if path not in content:
            full = os.path.join(folder, path)
            shutil.rmtree(full) if actual[path] is None else os.remove(full)
    for root, _, files in os.walk(folder):
        for name in files:
            if name.endswith("-shm"):
                os.remove(os.path.join(root, name))
    for path in sorted(content):
        full = os.path.join(folder, path)
        if content[path] is None:
            os.makedirs(full, mode=0o700, exist_ok=True)
        elif actual.get(path) != content[path]:
            with open(os.open(full, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(content[path])


def main():
    before, journal, folder, loss, seed = sys.argv[1:]
    disk = Disk(before)
    with open(journal, "rb") as file:
        disk.replay(file.read())
    wrong = disk.compare(folder)
    if wrong:
        print("the library did not see everything done to: " + ", ".join(wrong), file=sys.stderr)
        sys.exit(3)
    writes = sum(len(file.pending) for file in set(disk.names.values()))
    names = sum(map(len, disk.pending_names.values()))
    write(folder, disk.after(loss, random.Random(int(seed))))
    print(f"{writes} writes and {names} names unsynced, {disk.syncs} syncs")


main()
