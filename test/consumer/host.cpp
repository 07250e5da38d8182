// Loads the plugin, runs it, and unloads it.
#include <cstdio>
#include <dlfcn.h>

int main(int, char** argv) {
    void* const plugin = ::dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (!plugin) {
        std::fprintf(stderr, "%s\n", ::dlerror());
        return 1;
    }
    auto* const run = reinterpret_cast<void (*)()>(::dlsym(plugin, "run_plugin"));
    if (!run) return 1;
    run();
    return ::dlclose(plugin);
}
