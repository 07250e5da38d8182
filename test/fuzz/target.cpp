// Requests' targets: nothing that goes into one can leave its place.

#include "email_security/search_location.hpp"
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

/// What a server names as the place of a search never leads out of the account's searches.
void check_location(account const& on, std::string_view location) {
    auto const target = search_target(location, on);
    if (!target) {
        require(target.error().code() == errc::invalid_argument, "another place is refused");
        return;
    }
    auto const url = boost::urls::parse_origin_form(*target);
    require(url.has_value(), "a search's target is one of HTTP");
    auto const segments = segments_of(*url);
    std::vector<std::string> const searches{"accounts", on.id(), "email-security", "investigate"};
    require(segments.size() >= searches.size() &&
                std::equal(searches.begin(), searches.end(), segments.begin()),
            "a search is one of the account's");
    for (std::size_t i = searches.size(); i < segments.size(); ++i) {
        auto const& each = segments[i];
        require(each.find_first_not_of('.') != std::string::npos, "no dots lead out of it");
        require(each.find_first_of("/\\%;?#") == std::string::npos,
                "nothing in it can be taken for a delimiter");
    }
    auto const again = search_target(*target, on);
    require(again && *again == *target, "a target is its own place");
}

}  // namespace

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    fuzz::input in{data, size};
    auto const account_id = in.line();
    auto const id = in.line();
    auto const text = in.rest();
    check(account_id, id, text);
    check_location(account{std::string{account_id}}, text);
    check_location(
        account{std::string{account_id}},
        "/accounts/" + std::string{account_id} + "/email-security/investigate" + std::string{text});
    return 0;
}
