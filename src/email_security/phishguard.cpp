#include <cloudflare/detail/invoke.hpp>
#include <cloudflare/detail/whole_list.hpp>
#include <cloudflare/email_security/phishguard.hpp>

namespace cloudflare::email_security {

namespace asio = boost::asio;

namespace {

asio::awaitable<result<std::vector<phishguard_report>>> collect_all(phishguard_reports from,
                                                                    phishguard_filter which,
                                                                    call_options options) {
    list_keeper<phishguard_report> keeper;
    auto read_page = [&from, &which, &options](int, std::int64_t number, std::int64_t size) {
        auto one = which;
        one.page(number).per_page(size);
        return from.list_page(std::move(one), options);
    };
    // Page by page, as nothing says that the list's length can be relied upon.
    constexpr bool is_filtered = true;
    list_reader<phishguard_report> const reader = read_page;
    auto const read = co_await read_whole_list<phishguard_report>(reader, is_filtered, 1, keeper);
    if (!read) co_return read.error();
    co_return keeper.release();
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
