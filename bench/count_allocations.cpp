// Counts what a program takes from the heap, its libraries included. Preloaded by LD_PRELOAD, it
// stands before glibc's functions; measure.cpp asks it for the numbers.

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>

extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* at, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
}

namespace {

std::atomic<unsigned long> allocations{0};
std::atomic<unsigned long> allocated_bytes{0};

void count(std::size_t size) noexcept {
    allocations.fetch_add(1, std::memory_order_relaxed);
    allocated_bytes.fetch_add(size, std::memory_order_relaxed);
}

}  // namespace

extern "C" {

void bench_allocations(unsigned long* count, unsigned long* bytes) {
    *count = allocations.load(std::memory_order_relaxed);
    *bytes = allocated_bytes.load(std::memory_order_relaxed);
}

void* malloc(std::size_t size) {
    count(size);
    return __libc_malloc(size);
}

void* calloc(std::size_t number, std::size_t size) {
    count(number * size);
    return __libc_calloc(number, size);
}

void* realloc(void* at, std::size_t size) {
    count(size);
    return __libc_realloc(at, size);
}

void* memalign(std::size_t alignment, std::size_t size) {
    count(size);
    return __libc_memalign(alignment, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
    return memalign(alignment, size);
}

int posix_memalign(void** result, std::size_t alignment, std::size_t size) {
    void* const got = memalign(alignment, size);
    if (!got) return ENOMEM;
    *result = got;
    return 0;
}
}
