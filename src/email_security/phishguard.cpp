#include <cloudflare/detail/invoke.hpp>
#include <cloudflare/detail/moving_list.hpp>
#include <cloudflare/email_security/phishguard.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace cloudflare::email_security {

namespace asio = boost::asio;

namespace {

asio::awaitable<result<std::vector<phishguard_report>>> collect_all(phishguard_reports from,
                                                                    phishguard_filter which,
                                                                    call_options options) {
    using cloudflare::detail::moving_list;
    // In an order of the API's, which may count all reports or those that pass.
    moving_list list{{}};
    std::vector<phishguard_report> all;
    while (auto const asked = list.next()) {
        which.page(asked->number).per_page(asked->size);
        auto got = co_await from.list_page(which, options);
        if (!got) co_return got.error();
        std::vector<std::size_t> keys;
        for (auto const& each : got->items) keys.push_back(moving_list::key_of(item_key(each)));
        std::vector<bool> known;
        auto failed = list.take(*asked, std::move(keys), got->info, known);
        if (failed) co_return std::move(*failed);
        for (std::size_t i = 0; i != known.size(); ++i) {
            if (!known[i]) all.push_back(std::move(got->items[i]));
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
    return collect_all(*this, std::move(which), std::move(options));
}

}  // namespace cloudflare::email_security
