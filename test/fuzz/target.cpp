// Requests' targets: nothing that goes into one can leave its place.

#include "fuzz.hpp"

#include <cloudflare/detail/invoke.hpp>
#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/email_security/investigate.hpp>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace cloudflare;
using namespace cloudflare::email_security;
using fuzz::require;

namespace {

std::vector<std::string> segments_of(boost::urls::url_view const& url) {
    std::vector<std::string> segments;
    for (auto const& each : url.segments()) segments.push_back(each);
    return segments;
}

void check(std::string_view account_id, std::string_view id, std::string_view search) {
    auto message = make_request(investigate::operations::move.what,
                                account{std::string{account_id}}, identifier{id});
    block_sender_filter which;
    which.search(std::string{search});
    set_query(message, which);
    if (!message) {
        require(message.error().code() == errc::invalid_argument, "what cannot be sent is refused");
        require(message.error().detail().size() <= 200, "the reason is short");
        return;
    }
    auto const url = boost::urls::parse_origin_form(message->target);
    require(url.has_value(), "a target is one of HTTP");
    std::vector<std::string> const segments{"accounts",       std::string{account_id},
                                            "email-security", "investigate",
                                            std::string{id},  "move"};
    require(segments_of(*url) == segments, "each text stays in its segment");
    auto const params = url->params();
    require(params.size() == 1 && (*params.begin()).key == "search" &&
                (*params.begin()).value == search,
            "the query says what was asked for");
}

}  // namespace

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    fuzz::input in{data, size};
    auto const account_id = in.line();
    auto const id = in.line();
    check(account_id, id, in.rest());
    return 0;
}
