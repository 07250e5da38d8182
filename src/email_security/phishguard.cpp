#include "memory/keyed_hash.hpp"

#include <cloudflare/detail/invoke.hpp>
#include <cloudflare/detail/whole_list.hpp>
#include <cloudflare/email_security/phishguard.hpp>

#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace cloudflare::inline v0::email_security {

namespace asio = boost::asio;

namespace {

// Reports come and never go, so that one that was there at first only moves towards the end of the
// list, whatever its order: read from the front, it may be seen twice and is never missed.
asio::awaitable<result<std::vector<phishguard_report>>> collect_all(
    pager<phishguard_report> pages) {
    std::vector<phishguard_report> all;
    std::unordered_set<std::string, keyed_text_hash> seen;
    for (;;) {
        auto next = co_await pages.next();
        if (!next) co_return next.error();
        if (!*next) break;
        for (auto& each : (*next)->items) {
            if (seen.insert(item_key(each)).second) all.push_back(std::move(each));
        }
    }
    co_return all;
}

}  // namespace

result<void> phishguard_filter::validate() const {
    if (start_ && end_ && *start_ > *end_) return invalid_field("start", "is after end");
    return page_filter::validate();
}

phishguard_reports::phishguard_reports(cloudflare::client client, std::string account_id)
    : client_{std::move(client)}, account_{std::move(account_id)} {}

pager<phishguard_report> phishguard_reports::list(phishguard_filter which,
                                                  call_options options) const {
    auto read = [self = *this, options = std::move(options)](phishguard_filter one) {
        return self.list_page(std::move(one), options);
    };
    return pages_of<phishguard_report>(std::move(which), std::move(read));
}

asio::awaitable<result<page<phishguard_report>>> phishguard_reports::list_page(
    phishguard_filter which, call_options options) const {
    auto message = make_request(operations::list.what, account_, {});
    set_query(message, which);
    return invoke_page<phishguard_report>(client_, std::move(message), std::move(options));
}

asio::awaitable<result<std::vector<phishguard_report>>> phishguard_reports::list_all(
    phishguard_filter which, call_options options) const {
    which.page(1).per_page(max_page_size);
    return collect_all(list(std::move(which), std::move(options)));
}

}  // namespace cloudflare::inline v0::email_security
