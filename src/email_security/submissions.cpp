#include <cloudflare/email_security/submissions.hpp>
#include <cloudflare/detail/invoke.hpp>

namespace cloudflare::email_security {

submission_filter& submission_filter::type(submission_type value) {
    type_ = value == submission_type::team ? "TEAM" : "USER";
    return *this;
}

result<void> submission_filter::validate() const {
    if (start_ && end_ && *start_ > *end_) return invalid_field("start", "is after end");
    return page_filter::validate();
}

submissions::submissions(cloudflare::client client, std::string account_id)
    : client_{std::move(client)}, account_{std::move(account_id)} {}

pager<submission> submissions::list(submission_filter which, call_options options) const {
    auto read = [self = *this, options = std::move(options)](submission_filter one) {
        return self.list_page(std::move(one), options);
    };
    return pages_of<submission>(std::move(which), std::move(read));
}

boost::asio::awaitable<result<page<submission>>> submissions::list_page(
    submission_filter which, call_options options) const {
    auto message = make_request(operations::list.what, account_, {});
    set_query(message, which);
    return invoke_page<submission>(client_, std::move(message), std::move(options));
}

}  // namespace cloudflare::email_security
