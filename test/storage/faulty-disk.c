/*
 * A disk for tests, preloaded into a process: while the file DISK_BROKEN names exists, every fsync and fdatasync
 * fails with EIO. When SYNC_LOG names a file, each sync on the main thread (the event loop) adds a line to it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static void note(void) {
  const char *log = getenv("SYNC_LOG");
  if (!log || syscall(SYS_gettid) != getpid()) return;
  int fd = open(log, O_WRONLY | O_APPEND | O_CREAT, 0600);
  if (fd < 0) return;
  if (write(fd, "sync\n", 5) < 0) {}
  close(fd);
}

static int really(const char *name, int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  const char *broken = getenv("DISK_BROKEN");
  note();
  if (broken && access(broken, F_OK) == 0) {
    errno = EIO;
    return -1;
  }
  return real(fd);
}

int fsync(int fd) { return really("fsync", fd); }
int fdatasync(int fd) { return really("fdatasync", fd); }
