#include "name_table.hpp"

#include <dlfcn.h>
#include <map>
#include <mutex>
#include <netdb.h>
#include <utility>

namespace cloudflare::test {

namespace {

class name_table {
public:
    using answer = std::function<lookup()>;

    static name_table& instance() {
        static name_table table;
        return table;
    }
    void set(std::string const& name, answer how) {
        std::lock_guard const lock{mutex_};
        known_[name] = std::move(how);
    }
    answer find(std::string const& name) const {
        std::lock_guard const lock{mutex_};
        auto const found = known_.find(name);
        return found == known_.end() ? nullptr : found->second;
    }

private:
    std::mutex mutable mutex_;
    std::map<std::string, answer> known_;
};

}  // namespace

void resolve(std::string const& name, std::function<lookup()> how) {
    name_table::instance().set(name, std::move(how));
}

void resolve_to(std::string const& name, std::vector<std::string> addresses) {
    resolve(name, [addresses = std::move(addresses)] { return lookup{addresses, 0}; });
}

}  // namespace cloudflare::test

extern "C" int getaddrinfo(char const* node, char const* service, addrinfo const* hints,
                           addrinfo** into) {
    static auto const system =
        reinterpret_cast<decltype(&getaddrinfo)>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    auto const how = node ? cloudflare::test::name_table::instance().find(node) : nullptr;
    if (!how) return system(node, service, hints, into);
    auto const known = how();
    if (known.failure != 0) return known.failure;
    addrinfo wanted{};
    if (hints) wanted = *hints;
    wanted.ai_flags = AI_NUMERICHOST;
    auto** end = into;
    for (auto const& each : known.addresses) {
        if (auto const failed = system(each.c_str(), service, &wanted, end)) return failed;
        while (*end) end = &(*end)->ai_next;
    }
    return 0;
}
