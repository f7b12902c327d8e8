/* Faults of a disk, put between a program and the C library: LD_PRELOAD=shim.so PROGRAM
 *
 * It acts on the files of one folder, and on the folder itself; every other call passes as it is.
 * SQLite and Rust's own files reach the disk by these functions alone. What is not known here and
 * could change a file of the folder ends the program, so that nothing goes unseen.
 *
 *   DISK_FOLDER   the folder, as the program names it
 *   DISK_RECORD   a file to which each change is appended once it was made, in the order in which
 *                 they were made: struct record, the name, and the bytes of a write. What is mapped
 *                 into memory (SQLite's -shm) is left out: recovery never reads it.
 *   DISK_FAULT    KIND:NUMBER:ERRNO:once or :on; the call of that kind with this number fails with
 *                 this error, or it and all that follow. Kinds: open, read, write, sync, truncate, map
 *   DISK_NOTES    a file for a line when a call was made to fail, for each change and flush after it
 *                 ("after"), and at the end for how many calls there were ("count")
 *   DISK_SLOW_MS  how much longer a flush takes
 *   DISK_BYTES    how large the disk is: more does not go into the folder, and statvfs says so
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* chaos/disk/record.rs reads these. */
enum change { WRITE = 1, TRUNCATE, SYNC, CREATE, UNLINK, RENAME };
struct record {
    uint32_t change, name_length;
    uint64_t inode, offset, length; /* TRUNCATE: the new size is the offset */
};

enum kind { OPEN, READ, WRITING, SYNCING, TRUNCATING, MAP, KINDS };
static const char *const kinds[KINDS] = {"open", "read", "write", "sync", "truncate", "map"};

#define FILES 65536
static char *names[FILES]; /* by descriptor: the name in the folder; NULL: not ours */

static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;
static const char *folder;
static int record = -1, notes = -1;
static long slow_ms;
static uint64_t most_bytes;
static int fault_kind = -1, fault_errno, fault_stays, has_failed;
static unsigned long fault_number, calls[KINDS];

/* The function of the C library that one of ours stands before. */
#define THE_REAL(result, name, ...)                                 \
    static result (*real)(__VA_ARGS__);                             \
    if (!real) real = (result (*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

static int real_open(const char *path, int flags, mode_t mode) {
    THE_REAL(int, open, const char *, int, ...);
    return real(path, flags, mode);
}

static ssize_t real_write(int fd, const void *bytes, size_t length) {
    THE_REAL(ssize_t, write, int, const void *, size_t);
    return real(fd, bytes, length);
}

static void give_up(const char *what) {
    dprintf(2, "shim: %s\n", what);
    abort();
}

static int to_append(const char *variable) {
    const char *path = getenv(variable);
    int fd = path ? real_open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    if (path && fd < 0) give_up("cannot open a file of its own");
    return fd;
}

__attribute__((constructor)) static void begin(void) {
    const char *number = getenv("DISK_SLOW_MS"), *bytes = getenv("DISK_BYTES"), *fault = getenv("DISK_FAULT");
    folder = getenv("DISK_FOLDER");
    record = to_append("DISK_RECORD");
    notes = to_append("DISK_NOTES");
    slow_ms = number ? atol(number) : 0;
    most_bytes = bytes ? strtoull(bytes, NULL, 10) : 0;
    char kind[16], how[8];
    if (!fault) return;
    if (sscanf(fault, "%15[^:]:%lu:%d:%7s", kind, &fault_number, &fault_errno, how) != 4) give_up("DISK_FAULT");
    for (int k = 0; k < KINDS; k++)
        if (!strcmp(kind, kinds[k])) fault_kind = k;
    if (fault_kind < 0) give_up("DISK_FAULT");
    fault_stays = !strcmp(how, "on");
}

__attribute__((destructor)) static void end(void) {
    for (int k = 0; k < KINDS && notes >= 0; k++) dprintf(notes, "count %s %lu\n", kinds[k], calls[k]);
}

/* The name that a path has in the folder, "" for the folder itself; NULL outside. */
static const char *inside(const char *path) {
    size_t length = folder ? strlen(folder) : 0;
    if (!length || strncmp(path, folder, length)) return NULL;
    if (!path[length]) return "";
    return path[length] == '/' ? path + length + 1 : NULL;
}

static const char *ours(int fd) { return fd >= 0 && fd < FILES ? names[fd] : NULL; }

static int is_mapped(const char *name) {
    size_t length = strlen(name);
    return length >= 4 && !strcmp(name + length - 4, "-shm");
}

static void note(const char *when, const char *what, const char *name) {
    static int count;
    if (notes >= 0 && count++ < 100) dprintf(notes, "%s %s %s\n", when, what, name);
}

/* Counts a call; true if it is one that has to fail. */
static int fails(enum kind kind, const char *name) {
    int is_change = kind == WRITING || kind == TRUNCATING || kind == SYNCING;
    if (is_change && !is_mapped(name) && __atomic_load_n(&has_failed, __ATOMIC_SEQ_CST)) note("after", kinds[kind], name);
    unsigned long count = __atomic_add_fetch(&calls[kind], 1, __ATOMIC_SEQ_CST);
    if ((int)kind != fault_kind || (fault_stays ? count < fault_number : count != fault_number)) return 0;
    note("failed", kinds[kind], name);
    __atomic_store_n(&has_failed, 1, __ATOMIC_SEQ_CST);
    errno = fault_errno;
    return 1;
}

/* Appends to the record; whoever calls holds `order`. */
static void remember(enum change change, const char *name, int fd, uint64_t offset, const void *bytes, uint64_t length) {
    if (record < 0 || is_mapped(name)) return;
    struct stat told = {0};
    if (fd >= 0) fstat(fd, &told);
    struct record head = {change, strlen(name), told.st_ino, offset, length};
    struct iovec parts[3] = {{&head, sizeof head}, {(void *)name, head.name_length}, {(void *)bytes, bytes ? length : 0}};
    THE_REAL(ssize_t, writev, int, const struct iovec *, int);
    if (real(record, parts, 3) != (ssize_t)(sizeof head + head.name_length + parts[2].iov_len)) give_up("the record is cut");
}

static int opened(int fd, const char *name, int is_new) {
    if (fd >= FILES) give_up("too many files");
    if (fd < 0) return fd;
    names[fd] = strdup(name);
    if (is_new) remember(CREATE, name, fd, 0, NULL, 0);
    return fd;
}

static int open_ours(const char *path, int flags, mode_t mode) {
    const char *name = inside(path);
    if (!name) return real_open(path, flags, mode);
    if (fails(OPEN, name)) return -1;
    pthread_mutex_lock(&order);
    int is_new = (flags & O_CREAT) && access(path, F_OK) != 0;
    int fd = opened(real_open(path, flags, mode), name, is_new);
    if (fd >= 0 && (flags & O_TRUNC)) remember(TRUNCATE, name, fd, 0, NULL, 0);
    pthread_mutex_unlock(&order);
    return fd;
}

#define MODE_OF(flags, mode)                                        \
    mode_t mode = 0;                                                \
    if ((flags) & (O_CREAT | O_TMPFILE)) {                          \
        va_list more;                                               \
        va_start(more, flags);                                      \
        mode = va_arg(more, mode_t);                                \
        va_end(more);                                               \
    }

int open(const char *path, int flags, ...) {
    MODE_OF(flags, mode)
    return open_ours(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    MODE_OF(flags, mode)
    return open_ours(path, flags, mode);
}

int openat(int at, const char *path, int flags, ...) {
    MODE_OF(flags, mode)
    THE_REAL(int, openat, int, const char *, int, ...);
    return inside(path) ? open_ours(path, flags, mode) : real(at, path, flags, mode);
}

int openat64(int at, const char *path, int flags, ...) {
    MODE_OF(flags, mode)
    THE_REAL(int, openat, int, const char *, int, ...);
    return inside(path) ? open_ours(path, flags, mode) : real(at, path, flags, mode);
}

int close(int fd) {
    THE_REAL(int, close, int);
    if (ours(fd)) {
        /* Before the number can be another file's. */
        free(names[fd]);
        names[fd] = NULL;
    }
    return real(fd);
}

ssize_t read(int fd, void *bytes, size_t length) {
    THE_REAL(ssize_t, read, int, void *, size_t);
    return ours(fd) && fails(READ, names[fd]) ? -1 : real(fd, bytes, length);
}

ssize_t pread(int fd, void *bytes, size_t length, off_t offset) {
    THE_REAL(ssize_t, pread, int, void *, size_t, off_t);
    return ours(fd) && fails(READ, names[fd]) ? -1 : real(fd, bytes, length, offset);
}

ssize_t pread64(int fd, void *bytes, size_t length, off64_t offset) { return pread(fd, bytes, length, offset); }

static uint64_t taken(void) {
    uint64_t sum = 0;
    DIR *files = opendir(folder);
    struct stat told;
    for (struct dirent *file; files && (file = readdir(files));)
        if (!fstatat(dirfd(files), file->d_name, &told, 0) && S_ISREG(told.st_mode)) sum += told.st_size;
    if (files) closedir(files);
    return sum;
}

/* How much of a write goes onto the disk. */
static size_t fitting(int fd, uint64_t offset, size_t length) {
    struct stat told;
    if (!most_bytes || fstat(fd, &told) || offset + length <= (uint64_t)told.st_size) return length;
    uint64_t all = taken(), left = most_bytes > all ? most_bytes - all : 0, end = told.st_size + left;
    if (offset + length <= end) return length;
    return end > offset ? end - offset : 0;
}

static ssize_t write_ours(int fd, const void *bytes, size_t length, off_t offset, int is_here) {
    THE_REAL(ssize_t, pwrite, int, const void *, size_t, off_t);
    if (fails(WRITING, names[fd])) return -1;
    pthread_mutex_lock(&order);
    if (is_here) offset = lseek(fd, 0, fcntl(fd, F_GETFL) & O_APPEND ? SEEK_END : SEEK_CUR);
    size_t fits = fitting(fd, offset, length);
    ssize_t done = -1;
    if (length && !fits)
        errno = ENOSPC;
    else
        done = is_here ? real_write(fd, bytes, fits) : real(fd, bytes, fits, offset);
    if (done > 0) remember(WRITE, names[fd], fd, offset, bytes, done);
    pthread_mutex_unlock(&order);
    return done;
}

ssize_t write(int fd, const void *bytes, size_t length) {
    return ours(fd) ? write_ours(fd, bytes, length, 0, 1) : real_write(fd, bytes, length);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
    THE_REAL(ssize_t, pwrite, int, const void *, size_t, off_t);
    return ours(fd) ? write_ours(fd, bytes, length, offset, 0) : real(fd, bytes, length, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) { return pwrite(fd, bytes, length, offset); }

static int sync_ours(int fd, int (*real)(int)) {
    if (!ours(fd)) return real(fd);
    /* What becomes of a flush of the folder SQLite does not ask. */
    if (*names[fd] && fails(SYNCING, names[fd])) return -1;
    if (slow_ms) {
        struct timespec time = {slow_ms / 1000, slow_ms % 1000 * 1000000};
        while (nanosleep(&time, &time)) {}
    }
    /* What is written while a flush goes on waits, so that the record says what the flush held. */
    if (record >= 0) pthread_mutex_lock(&order);
    int failed = real(fd);
    if (!failed) remember(SYNC, names[fd], fd, 0, NULL, 0);
    if (record >= 0) pthread_mutex_unlock(&order);
    return failed;
}

int fsync(int fd) {
    THE_REAL(int, fsync, int);
    return sync_ours(fd, real);
}

int fdatasync(int fd) {
    THE_REAL(int, fdatasync, int);
    return sync_ours(fd, real);
}

int ftruncate(int fd, off_t size) {
    THE_REAL(int, ftruncate, int, off_t);
    if (!ours(fd)) return real(fd, size);
    if (fails(TRUNCATING, names[fd])) return -1;
    pthread_mutex_lock(&order);
    int failed = real(fd, size);
    if (!failed) remember(TRUNCATE, names[fd], fd, size, NULL, 0);
    pthread_mutex_unlock(&order);
    return failed;
}

int ftruncate64(int fd, off64_t size) { return ftruncate(fd, size); }

void *mmap(void *where, size_t length, int protection, int flags, int fd, off_t offset) {
    THE_REAL(void *, mmap, void *, size_t, int, int, int, off_t);
    if (ours(fd) && fails(MAP, names[fd])) return MAP_FAILED;
    if (ours(fd) && !is_mapped(names[fd]) && (protection & PROT_WRITE)) give_up("a file is written by mmap");
    return real(where, length, protection, flags, fd, offset);
}

void *mmap64(void *where, size_t length, int protection, int flags, int fd, off64_t offset) {
    return mmap(where, length, protection, flags, fd, offset);
}

int unlink(const char *path) {
    THE_REAL(int, unlink, const char *);
    const char *name = inside(path);
    if (!name) return real(path);
    if (has_failed && !is_mapped(name)) note("after", "unlink", name);
    pthread_mutex_lock(&order);
    int failed = real(path);
    if (!failed) remember(UNLINK, name, -1, 0, NULL, 0);
    pthread_mutex_unlock(&order);
    return failed;
}

int rename(const char *from, const char *to) {
    THE_REAL(int, rename, const char *, const char *);
    const char *name = inside(from), *new_name = inside(to);
    if (!name && !new_name) return real(from, to);
    if (!name || !new_name) give_up("a file is moved into the folder or out of it");
    pthread_mutex_lock(&order);
    int failed = real(from, to);
    /* The new name stands where a write has its bytes. */
    if (!failed) remember(RENAME, name, -1, 0, new_name, strlen(new_name));
    pthread_mutex_unlock(&order);
    return failed;
}

int statvfs(const char *path, struct statvfs *told) {
    THE_REAL(int, statvfs, const char *, struct statvfs *);
    int failed = real(path, told);
    if (failed || !most_bytes || !inside(path)) return failed;
    uint64_t all = taken();
    told->f_bfree = told->f_bavail = (most_bytes > all ? most_bytes - all : 0) / told->f_frsize;
    return failed;
}

int statvfs64(const char *path, struct statvfs64 *told) { return statvfs(path, (struct statvfs *)told); }

/* What nobody here uses for a file of the folder. */
#define UNKNOWN(result, name, fd, parameters, arguments, ...)       \
    result name parameters {                                        \
        THE_REAL(result, name, __VA_ARGS__);                        \
        if (ours(fd)) give_up(#name " is not known");               \
        return real arguments;                                      \
    }
UNKNOWN(ssize_t, writev, fd, (int fd, const struct iovec *parts, int count), (fd, parts, count), int, const struct iovec *, int)
UNKNOWN(ssize_t, pwritev, fd, (int fd, const struct iovec *parts, int count, off_t at), (fd, parts, count, at), int, const struct iovec *, int, off_t)
UNKNOWN(ssize_t, readv, fd, (int fd, const struct iovec *parts, int count), (fd, parts, count), int, const struct iovec *, int)
UNKNOWN(int, fallocate, fd, (int fd, int mode, off_t at, off_t length), (fd, mode, at, length), int, int, off_t, off_t)
UNKNOWN(int, posix_fallocate, fd, (int fd, off_t at, off_t length), (fd, at, length), int, off_t, off_t)
UNKNOWN(int, dup, fd, (int fd), (fd), int)
