// The file of a saved plan.

#include "fuzz.hpp"

#include <cloudflare/email_security/allow_policies.hpp>
#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/email_security/saved_plan.hpp>
#include <cloudflare/email_security/trusted_domains.hpp>
#include <cloudflare/email_security/url_ignore_patterns.hpp>

#include <boost/asio/io_context.hpp>

#include <array>
#include <sstream>
#include <string>

using namespace cloudflare;
using namespace cloudflare::email_security;
using fuzz::require;

namespace {

client const& any_client() {
    static boost::asio::io_context context;
    static client const made{context.get_executor(),
                             client_options{credentials::api_token("any-token")}};
    return made;
}

/// The plan's text, but for the moment when it was written.
template <class Traits>
std::string text_of(saved_plan<Traits> const& saved) {
    std::ostringstream out;
    collection<Traits> const where{any_client(), saved.header.account_id};
    save_plan(out, saved.plan, where, sync_options{}.owner(saved.header.owner));
    auto text = out.str();
    constexpr std::string_view key = "\"made_at\":";
    auto const at = text.find(key);
    require(at != std::string::npos, "a plan says when it was made");
    return text.erase(at, key.size() + 30);
}

template <class Traits>
result<saved_plan<Traits>> load(std::string_view text) {
    std::istringstream in{std::string{text}};
    return load_plan<Traits>(in);
}

template <class Traits>
void check(std::string_view text) {
    auto const first = load<Traits>(text);
    if (!first) {
        require(first.error().code() == errc::invalid_argument, "what is not a plan is refused");
        require(first.error().detail().size() <= 2048, "the reason is short");
        return;
    }
    auto const written = text_of(*first);
    auto const second = load<Traits>(written);
    require(second.has_value(), "what was written is a plan");
    require(text_of(*second) == written, "a plan comes back the same");
}

}  // namespace

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static constexpr std::array collections{
        &check<block_senders_traits>, &check<allow_policies_traits>, &check<trusted_domains_traits>,
        &check<url_ignore_patterns_traits>};
    fuzz::input in{data, size};
    auto const check_collection = collections[in.pick(collections.size())];
    check_collection(in.rest());
    return 0;
}
