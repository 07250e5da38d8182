#include "transcript.hpp"

#include "harness.hpp"

#include <boost/algorithm/hex.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include <openssl/evp.h>

#include <iterator>

namespace cloudflare::test {

namespace {

std::string base64(std::string const& text) {
    std::string out((text.size() + 2) / 3 * 4 + 1, '\0');
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                    reinterpret_cast<unsigned char const*>(text.data()),
                    static_cast<int>(text.size()));
    out.pop_back();
    return out;
}

std::vector<std::string> forms_of(std::string const& secret) {
    // Of what is cut off, this much is too much.
    constexpr std::size_t piece = 10;
    std::vector<std::string> forms{secret.substr(0, piece), secret.substr(secret.size() - piece),
                                   boost::urls::encode(secret, boost::urls::unreserved_chars)};
    boost::algorithm::hex(secret, std::back_inserter(forms.emplace_back()));
    boost::algorithm::hex_lower(secret, std::back_inserter(forms.emplace_back()));
    // In Base64 it looks different by where it begins; its ends depend on what is around it.
    for (std::size_t before = 0; before < 3; ++before) {
        auto const encoded = base64(std::string(before, 'x') + secret);
        forms.push_back(encoded.substr(4, encoded.size() - 8));
    }
    return forms;
}

}  // namespace

void transcript::add(std::vector<api_message> const& messages) {
    for (auto const& each : messages) {
        said_ << each.message << '\n'
              << each.documentation_url << '\n'
              << each.source_pointer << '\n';
    }
}

void transcript::add(error const& failure) {
    said_ << failure << '\n'
          << failure.message() << '\n'
          << failure.detail() << '\n'
          << failure.ray_id() << '\n'
          << failure.code().message() << '\n'
          << failure.outcome() << '\n'
          << exception{failure}.what() << '\n'
          << exception{failure}.reason() << '\n';
    add(failure.errors());
    add(failure.messages());
    try {
        result<void>{failure}.value();
    } catch (std::exception const& thrown) {
        said_ << thrown.what() << '\n';
    }
}

event_hook transcript::hook() {
    return [this](event const& happened) {
        said_ << to_string(happened.what) << ' ' << happened.method << ' ' << happened.operation
              << ' ' << happened.ray_id << ' ' << happened.reason << '\n';
    };
}

void check_shows_no_secret(std::string const& text) {
    for (auto const* const secret : {token, api_key, proxy_password, proxy_basic}) {
        for (auto const& form : forms_of(secret)) {
            BOOST_TEST(text.find(form) == std::string::npos, form << " stands in:\n" << text);
        }
    }
}

}  // namespace cloudflare::test
