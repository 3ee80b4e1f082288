/*
 * A power cut for tests, first half: writes down what a program does to the files of one folder.
 *
 * Loaded into the real program with LD_PRELOAD; powercut.py, the second half, makes of the journal and
 * a copy of the folder from before the state a disk may be in when the power goes: what was synced is
 * there, of the rest nothing or some.
 *
 *   POWERCUT_FOLDER        the folder, an absolute path without a slash at its end
 *   POWERCUT_JOURNAL       the journal to append to, outside the folder; several programs may share it
 *   POWERCUT_IGNORE_SYNC   when set, no sync counts: a disk that lies, to prove that the test would see it
 *
 * A record is one writev: the header below, then a path (relative to the folder) or the bytes written.
 * Writes and names are written down just before they are done, opens and syncs just after; a sync
 * carries how long the journal was when it began, because it covers nothing that came later. One lock
 * holds record and call together, so the journal has the order of what happened. Calls go to the kernel
 * directly: nothing of the C library is needed to reach the real ones.
 *
 * Not seen: memory maps (SQLite's -shm, which it makes anew), stdio streams, links, paths that are not
 * absolute. powercut.py compares what it computes with the folder as it is, so that nothing is missed
 * silently. sync_file_range promises nothing on a power cut and counts for nothing.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { DESCRIPTORS_MAXIMUM = 65536, PARTS_MAXIMUM = 1024 };

struct header {
    uint32_t magic;
    uint32_t kind;
    uint32_t process;
    int32_t descriptor;
    uint64_t offset; /* of a write; the flags of an open; the size of a truncation; the end of a sync */
    uint64_t size;   /* of what follows */
    uint64_t size_of_second; /* of a rename: its second path */
};

static const uint32_t magic = 0x43545750;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic unsigned char watched[DESCRIPTORS_MAXIMUM];
static const char *folder;
static size_t folder_size;
static int journal = -1;
static int ignores_sync;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("POWERCUT_JOURNAL");
    folder = getenv("POWERCUT_FOLDER");
    if (!path || !folder) return;
    folder_size = strlen(folder);
    ignores_sync = getenv("POWERCUT_IGNORE_SYNC") != NULL;
    journal = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (journal < 0) _exit(121);
}

/* The part of a path below the folder, "" for the folder itself; NULL for what is not watched. */
static const char *inside(const char *path) {
    if (journal < 0 || !path || strncmp(path, folder, folder_size) != 0) return NULL;
    const char *rest = path + folder_size;
    if (*rest != 0 && *rest != '/') return NULL;
    while (*rest == '/') rest++;
    size_t size = strlen(rest);
    return size >= 4 && strcmp(rest + size - 4, "-shm") == 0 ? NULL : rest;
}

static int is_watched(int descriptor) {
    return descriptor >= 0 && descriptor < DESCRIPTORS_MAXIMUM && watched[descriptor];
}

static void note(char kind, int descriptor, uint64_t offset, const struct iovec *parts, int count,
                 uint64_t size_of_second) {
    struct iovec all[PARTS_MAXIMUM + 1];
    struct header header = {magic, kind, getpid(), descriptor, offset, 0, size_of_second};
    all[0].iov_base = &header;
    all[0].iov_len = sizeof header;
    size_t whole = sizeof header;
    for (int i = 0; i < count; i++) {
        all[i + 1] = parts[i];
        header.size += parts[i].iov_len;
        whole += parts[i].iov_len;
    }
    int before = errno;
    /* A journal with a hole proves nothing: the program ends, and the test sees why. */
    if (syscall(SYS_writev, journal, all, count + 1) != (long)whole) _exit(122);
    errno = before;
}

static void note_paths(char kind, int descriptor, uint64_t offset, const char *first,
                       const char *second) {
    struct iovec parts[2] = {{(void *)first, strlen(first)}, {(void *)second, second ? strlen(second) : 0}};
    note(kind, descriptor, offset, parts, second ? 2 : 1, parts[1].iov_len);
}

/* MARK: opening and closing */

static int open_at(int folder_descriptor, const char *path, int flags, mode_t mode) {
    const char *name = inside(path);
    if (!name) {
        int descriptor = syscall(SYS_openat, folder_descriptor, path, flags, mode);
        if (descriptor >= 0 && descriptor < DESCRIPTORS_MAXIMUM) watched[descriptor] = 0;
        return descriptor;
    }
    pthread_mutex_lock(&lock);
    int descriptor = syscall(SYS_openat, folder_descriptor, path, flags, mode);
    if (descriptor >= DESCRIPTORS_MAXIMUM) _exit(123);
    if (descriptor >= 0) {
        watched[descriptor] = 1;
        note_paths('o', descriptor, ((flags & O_CREAT) ? 1 : 0) | ((flags & O_TRUNC) ? 2 : 0), name, NULL);
    }
    pthread_mutex_unlock(&lock);
    return descriptor;
}

#define OPENING(NAME, ...)                                                                             \
    int NAME {                                                                                         \
        mode_t mode = 0;                                                                               \
        if (flags & (O_CREAT | __O_TMPFILE)) {                                                         \
            va_list rest;                                                                              \
            va_start(rest, flags);                                                                     \
            mode = va_arg(rest, mode_t);                                                               \
            va_end(rest);                                                                              \
        }                                                                                              \
        return open_at(__VA_ARGS__, path, flags, mode);                                                \
    }
OPENING(open(const char *path, int flags, ...), AT_FDCWD)
OPENING(open64(const char *path, int flags, ...), AT_FDCWD)
OPENING(openat(int at, const char *path, int flags, ...), at)
OPENING(openat64(int at, const char *path, int flags, ...), at)
int __open_2(const char *path, int flags) { return open_at(AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) { return open_at(AT_FDCWD, path, flags, 0); }
int __openat_2(int at, const char *path, int flags) { return open_at(at, path, flags, 0); }
int __openat64_2(int at, const char *path, int flags) { return open_at(at, path, flags, 0); }
int creat(const char *path, mode_t mode) {
    return open_at(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
int creat64(const char *path, mode_t mode) { return creat(path, mode); }

int close(int descriptor) {
    if (is_watched(descriptor)) watched[descriptor] = 0;
    return syscall(SYS_close, descriptor);
}

/* MARK: bytes */

static ssize_t put(int descriptor, const struct iovec *parts, int count, int64_t offset) {
    if (count > PARTS_MAXIMUM) {
        errno = EINVAL;
        return -1;
    }
    pthread_mutex_lock(&lock);
    uint64_t at = offset;
    if (offset < 0) {
        int appends = syscall(SYS_fcntl, descriptor, F_GETFL) & O_APPEND;
        at = syscall(SYS_lseek, descriptor, 0, appends ? SEEK_END : SEEK_CUR);
    }
    note('w', descriptor, at, parts, count, 0);
    ssize_t done = offset < 0 ? syscall(SYS_writev, descriptor, parts, count)
                              : syscall(SYS_pwritev, descriptor, parts, count, offset, 0);
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t write(int descriptor, const void *bytes, size_t size) {
    if (!is_watched(descriptor)) return syscall(SYS_write, descriptor, bytes, size);
    struct iovec part = {(void *)bytes, size};
    return put(descriptor, &part, 1, -1);
}
ssize_t writev(int descriptor, const struct iovec *parts, int count) {
    if (!is_watched(descriptor)) return syscall(SYS_writev, descriptor, parts, count);
    return put(descriptor, parts, count, -1);
}
ssize_t pwrite(int descriptor, const void *bytes, size_t size, off_t offset) {
    if (!is_watched(descriptor)) return syscall(SYS_pwrite64, descriptor, bytes, size, offset);
    struct iovec part = {(void *)bytes, size};
    return put(descriptor, &part, 1, offset);
}
ssize_t pwrite64(int descriptor, const void *bytes, size_t size, off64_t offset) {
    return pwrite(descriptor, bytes, size, offset);
}
ssize_t pwritev(int descriptor, const struct iovec *parts, int count, off_t offset) {
    if (!is_watched(descriptor)) return syscall(SYS_pwritev, descriptor, parts, count, offset, 0);
    return put(descriptor, parts, count, offset);
}
ssize_t pwritev64(int descriptor, const struct iovec *parts, int count, off64_t offset) {
    return pwritev(descriptor, parts, count, offset);
}

int ftruncate(int descriptor, off_t size) {
    if (!is_watched(descriptor)) return syscall(SYS_ftruncate, descriptor, size);
    pthread_mutex_lock(&lock);
    note('t', descriptor, size, NULL, 0, 0);
    int done = syscall(SYS_ftruncate, descriptor, size);
    pthread_mutex_unlock(&lock);
    return done;
}
int ftruncate64(int descriptor, off64_t size) { return ftruncate(descriptor, size); }

int truncate(const char *path, off_t size) {
    int descriptor = open_at(AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0);
    if (descriptor < 0) return -1;
    int done = ftruncate(descriptor, size);
    int code = errno;
    close(descriptor);
    errno = code;
    return done;
}
int truncate64(const char *path, off64_t size) { return truncate(path, size); }

static int sync_with(long call, int descriptor) {
    if (!is_watched(descriptor)) return syscall(call, descriptor);
    pthread_mutex_lock(&lock);
    uint64_t end = syscall(SYS_lseek, journal, 0, SEEK_END);
    pthread_mutex_unlock(&lock);
    int done = syscall(call, descriptor);
    if (done == 0 && !ignores_sync) {
        pthread_mutex_lock(&lock);
        note('s', descriptor, end, NULL, 0, 0);
        pthread_mutex_unlock(&lock);
    }
    return done;
}
int fsync(int descriptor) { return sync_with(SYS_fsync, descriptor); }
int fdatasync(int descriptor) { return sync_with(SYS_fdatasync, descriptor); }

/* MARK: names */

static int rename_at(int at, const char *path, int new_at, const char *new_path, unsigned flags) {
    const char *name = inside(path), *new_name = inside(new_path);
    if (!name && !new_name) return syscall(SYS_renameat2, at, path, new_at, new_path, flags);
    if (!name || !new_name || flags) _exit(124);
    pthread_mutex_lock(&lock);
    note_paths('r', -1, 0, name, new_name);
    int done = syscall(SYS_renameat2, at, path, new_at, new_path, flags);
    pthread_mutex_unlock(&lock);
    return done;
}
int rename(const char *path, const char *new_path) {
    return rename_at(AT_FDCWD, path, AT_FDCWD, new_path, 0);
}
int renameat(int at, const char *path, int new_at, const char *new_path) {
    return rename_at(at, path, new_at, new_path, 0);
}
int renameat2(int at, const char *path, int new_at, const char *new_path, unsigned flags) {
    return rename_at(at, path, new_at, new_path, flags);
}

static int unlink_at(int at, const char *path, int flags) {
    const char *name = inside(path);
    if (!name) return syscall(SYS_unlinkat, at, path, flags);
    pthread_mutex_lock(&lock);
    note_paths(flags & AT_REMOVEDIR ? 'd' : 'u', -1, 0, name, NULL);
    int done = syscall(SYS_unlinkat, at, path, flags);
    pthread_mutex_unlock(&lock);
    return done;
}
int unlink(const char *path) { return unlink_at(AT_FDCWD, path, 0); }
int unlinkat(int at, const char *path, int flags) { return unlink_at(at, path, flags); }
int rmdir(const char *path) { return unlink_at(AT_FDCWD, path, AT_REMOVEDIR); }
int remove(const char *path) {
    int done = unlink(path);
    return done != 0 && errno == EISDIR ? rmdir(path) : done;
}

static int make_folder_at(int at, const char *path, mode_t mode) {
    const char *name = inside(path);
    if (!name) return syscall(SYS_mkdirat, at, path, mode);
    pthread_mutex_lock(&lock);
    int done = syscall(SYS_mkdirat, at, path, mode);
    if (done == 0) note_paths('m', -1, 0, name, NULL);
    pthread_mutex_unlock(&lock);
    return done;
}
int mkdir(const char *path, mode_t mode) { return make_folder_at(AT_FDCWD, path, mode); }
int mkdirat(int at, const char *path, mode_t mode) { return make_folder_at(at, path, mode); }
