// Two races, for ThreadSanitizer to find: that what libraries do is ignored must not hide them.
// Prints "end" when it has run to its end.

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <thread>

namespace {

int shared_number = 0;

void race_on_a_number() {
    std::thread other{[] { ++shared_number; }};
    ++shared_number;
    other.join();
}

/// Inside `free`, as where the libraries' false ones are reported.
void race_on_freed_memory() {
    auto* const memory = static_cast<char volatile*>(std::malloc(16));
    if (!memory) return;
    std::thread other{[memory] { memory[0] = 1; }};
    other.join();
    std::thread late{[memory] { memory[1] = 1; }};
    std::free(const_cast<char*>(memory));
    late.join();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 2 && std::string_view{argv[1]} == "number") race_on_a_number();
    if (argc == 2 && std::string_view{argv[1]} == "free") race_on_freed_memory();
    std::puts("end");
}
