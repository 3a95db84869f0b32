/* start_bench.c: what it costs to start a program and run it to its end.
 *
 *   start_bench -- NAME PROGRAM ARGUMENT... -- NAME PROGRAM ARGUMENT...
 *
 * It reads works, a line each: `NAME time` is answered with seconds from the
 * fork to the end of the process, `NAME memory` with its peak memory in bytes
 * (of a first run too, when nothing is in the page cache yet). */
#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now (void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Runs it with its input and output closed off; 0 when it succeeds. */
static int run (char **command, double *seconds, double *bytes) {
  double start = now();
  pid_t child = fork();
  if (child < 0) return 1;
  if (child == 0) {
    int null = open("/dev/null", O_RDWR);
    if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0) _exit(126);
    execvp(command[0], command);
    _exit(127);
  }
  int status = 0;
  struct rusage use;
  if (wait4(child, &status, 0, &use) != child) return 1;
  *seconds = now() - start;
  *bytes = 1024.0 * (double)use.ru_maxrss;
  return status;
}

/* The command after `-- NAME`, ended by NULL; arguments are cut at `--`. */
static char **find (int argc, char **argv, const char *name) {
  char **found = NULL;
  for (int i = 1; i + 2 < argc; i++)
    if ((argv[i] == NULL || strcmp(argv[i], "--") == 0) &&
        argv[i + 1] != NULL && strcmp(argv[i + 1], name) == 0)
      found = &argv[i + 2];
  for (char **p = found; p != NULL && *p != NULL; p++)
    if (strcmp(*p, "--") == 0) *p = NULL;
  return found;
}

int main (int argc, char **argv) {
  char line[128], name[32], what[16];
  setvbuf(stdout, NULL, _IOLBF, 0);
  while (fgets(line, sizeof line, stdin) != NULL) {
    if (strcmp(line, "quit\n") == 0) break;
    char **command = NULL;
    if (sscanf(line, "%31s %15s", name, what) == 2)
      command = find(argc, argv, name);
    double seconds = 0, bytes = 0;
    if (command == NULL) puts("error: no such program");
    else if (run(command, &seconds, &bytes) != 0)
      printf("error: %s failed\n", command[0]);
    else printf("%.9g\n", strcmp(what, "time") == 0 ? seconds : bytes);
  }
  return 0;
}
