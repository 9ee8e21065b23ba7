/* For tests: memory for libcamera's virtual camera where the kernel has no dma-heap, and a sensor that stalls.
 *
 * Preloaded, it answers requests for DMA buffers with plain shared memory. While the file named by $STALLED exists,
 * frames that are asked for never come, without any error, until the camera is stopped:
 * so libcamera was seen to behave on real sensors. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

static const char *stand_in(const char *path)
{
    return path && !strncmp(path, "/dev/dma_heap/", 14) ? "/dev/null" : path;
}

static mode_t mode_of(int flags, va_list rest)
{
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
}

#define OPEN(name)                                                      \
    int name(const char *path, int flags, ...)                          \
    {                                                                   \
        static int (*real)(const char *, int, ...);                     \
        va_list rest;                                                   \
        va_start(rest, flags);                                          \
        mode_t mode = mode_of(flags, rest);                             \
        va_end(rest);                                                   \
        if (!real)                                                      \
            real = dlsym(RTLD_NEXT, #name);                             \
        return real(stand_in(path), flags, mode);                       \
    }

#define OPENAT(name)                                                    \
    int name(int folder, const char *path, int flags, ...)              \
    {                                                                   \
        static int (*real)(int, const char *, int, ...);                \
        va_list rest;                                                   \
        va_start(rest, flags);                                          \
        mode_t mode = mode_of(flags, rest);                             \
        va_end(rest);                                                   \
        if (!real)                                                      \
            real = dlsym(RTLD_NEXT, #name);                             \
        return real(folder, stand_in(path), flags, mode);               \
    }

OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

int ioctl(int file, unsigned long request, ...)
{
    static int (*real)(int, unsigned long, ...);
    va_list rest;
    va_start(rest, request);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    if (request == DMA_HEAP_IOCTL_ALLOC) {
        struct dma_heap_allocation_data *wanted = argument;
        int memory = memfd_create("dma-heap", MFD_CLOEXEC);
        if (memory < 0 || ftruncate(memory, (off_t)wanted->len))
            return -1;
        wanted->fd = (unsigned)memory;
        return 0;
    }
    if (_IOC_TYPE(request) == DMA_BUF_BASE)
        return 0;
    if (!real)
        real = dlsym(RTLD_NEXT, "ioctl");
    return real(file, request, argument);
}

#define QUEUE "_ZN9libcamera6Camera12queueRequestEPNS_7RequestE"
#define STOP "_ZN9libcamera6Camera4stopEv"
#define MOST 64

static struct { void *camera, *request; } waiting[MOST];
static int count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int queue(void *camera, void *request)
{
    static int (*real)(void *, void *);
    if (!real)
        real = dlsym(RTLD_NEXT, QUEUE);
    return real(camera, request);
}

/* int libcamera::Camera::queueRequest(Request *) */
int queue_unless_stalled(void *camera, void *request) __asm__(QUEUE);
int queue_unless_stalled(void *camera, void *request)
{
    const char *stalled = getenv("STALLED");
    int kept = 0;
    if (!stalled || access(stalled, F_OK))
        return queue(camera, request);
    pthread_mutex_lock(&lock);
    if (count < MOST) {
        waiting[count].camera = camera;
        waiting[count++].request = request;
        kept = 1;
    }
    pthread_mutex_unlock(&lock);
    return kept ? 0 : queue(camera, request);
}

/* int libcamera::Camera::stop(): gives back what waits, as a real pipeline does. */
int stop(void *camera) __asm__(STOP);
int stop(void *camera)
{
    static int (*real)(void *);
    pthread_mutex_lock(&lock);
    int many = count;
    count = 0;
    pthread_mutex_unlock(&lock);
    for (int each = 0; each < many; each++)
        queue(waiting[each].camera, waiting[each].request);
    if (!real)
        real = dlsym(RTLD_NEXT, STOP);
    return real(camera);
}
