#include <cloudflare/detail/whole_list.hpp>

#include <boost/unordered/unordered_flat_set.hpp>

namespace cloudflare {

struct seen_items::impl {
    boost::unordered_flat_set<std::size_t> hashes;
};

seen_items::seen_items() : impl_{new impl} {}
seen_items::~seen_items() = default;

bool seen_items::insert(std::string_view key) {
    return impl_->hashes.insert(std::hash<std::string_view>{}(key)).second;
}

std::size_t seen_items::size() const noexcept {
    return impl_->hashes.size();
}

void seen_items::clear() noexcept {
    impl_->hashes.clear();
}

}  // namespace cloudflare
