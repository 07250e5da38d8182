#include "harness.hpp"

#include <cloudflare/email_security/investigate.hpp>
#include <cloudflare/email_security/trusted_domains.hpp>

#include <boost/algorithm/string/replace.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

using namespace cloudflare::test;
using cloudflare::call_options;
using cloudflare::client_options;
using cloudflare::credentials;
using cloudflare::errc;
using cloudflare::error;
using cloudflare::proxy;
namespace es = cloudflare::email_security;

namespace {

/// What could end a field, a header or a string, and begin something new.
std::vector<std::string> const hostile{"a\r\nX-Injected: 1",
                                       "a\nX-Injected: 1",
                                       "a\rX-Injected: 1",
                                       "a\r\n\r\nGET /injected HTTP/1.1\r\nHost: x\r\n\r\n",
                                       std::string("a\0b", 3),
                                       "a\r\n",
                                       "\n"};

enum class fate {
    refused,  ///< with `errc::invalid_argument`, before anything is sent
    encoded,  ///< sent, but as what it is: a text
    unused,   ///< it is not for the server
};

/// A place into which a caller can put a text.
struct place {
    std::string name;
    fate becomes;
    /// Makes a call with the text there; empty when it succeeded.
    std::function<std::optional<error>(world&, std::string const& text)> use;
};

template <class T>
std::optional<error> failure_of(cloudflare::result<T> const& got) {
    if (got) return std::nullopt;
    return got.error();
}

/// A place in the options of a client.
place option(std::string name, fate becomes,
             std::function<void(client_options&, std::string const&)> set) {
    return {std::move(name), becomes, [set](world& w, std::string const& text) {
                auto options = w.options();
                set(options, text);
                return failure_of(w.run(w.blocked(options).get(1)));
            }};
}
/// A place in a call.
template <class Call>
place argument(std::string name, fate becomes, Call call) {
    return {std::move(name), becomes, [call](world& w, std::string const& text) {
                return failure_of(w.run(call(w.connect(), text)));
            }};
}
/// A filter of a search, by its setter.
place search(std::string name, es::message_filter& (es::message_filter::*set)(std::string)) {
    return argument(std::move(name), fate::encoded,
                    [set](cloudflare::client const& with, std::string const& text) {
                        es::message_filter filter;
                        (filter.*set)(text);
                        return es::investigate{with, account}.search_page(filter);
                    });
}

using blocked = es::block_senders;

std::vector<place> const places{
    option("API token", fate::refused,
           [](auto& to, auto const& text) { to.credentials(credentials::api_token(text)); }),
    option("e-mail address", fate::refused,
           [](auto& to, auto const& text) { to.credentials(credentials::global_key(text, "k")); }),
    option("API key", fate::refused,
           [](auto& to, auto const& text) { to.credentials(credentials::global_key("e", text)); }),
    option("user agent", fate::refused, [](auto& to, auto const& text) { to.user_agent(text); }),
    option("base URL", fate::refused, [](auto& to, auto const& text) { to.base_url(text); }),
    option("path of the base URL", fate::refused,
           [](auto& to, auto const& text) { to.base_url(to.base_url() + '/' + text); }),
    option("host of the base URL", fate::refused,
           [](auto& to, auto const& text) { to.base_url("https://" + text + "/client/v4"); }),
    option("proxy", fate::refused, [](auto& to, auto const& text) { to.proxy(proxy{text}); }),
    option("host of the proxy", fate::refused,
           [](auto& to, auto const& text) { to.proxy(proxy{"http://" + text + ":1"}); }),
    option(
        "user of the proxy", fate::refused,
        [](auto& to, auto const& text) { to.proxy(proxy{"http://" + text + ":p@127.0.0.1:1"}); }),
    option(
        "password of the proxy", fate::refused,
        [](auto& to, auto const& text) { to.proxy(proxy{"http://u:" + text + "@127.0.0.1:1"}); }),
    option("exceptions of the proxy", fate::unused,
           [](auto& to, auto const& text) {
               to.proxy(proxy{"http://127.0.0.1:1"}.except("127.0.0.1," + text));
           }),

    argument("header's name", fate::refused,
             [](auto const& with, auto const& text) {
                 return blocked{with, account}.get(1, call_options{}.header("X" + text, "v"));
             }),
    argument("header's value", fate::refused,
             [](auto const& with, auto const& text) {
                 return blocked{with, account}.get(1, call_options{}.header("X-Mine", text));
             }),
    argument("account", fate::refused,
             [](auto const& with, auto const& text) {
                 return blocked{with, text}.get(1);
             }),
    argument("ID", fate::refused,
             [](auto const& with, auto const& text) {
                 return blocked{with, account}.get(text);
             }),
    argument("ID of what is deleted", fate::refused,
             [](auto const& with, auto const& text) {
                 return blocked{with, account}.remove(text);
             }),
    argument("ID in a batch", fate::refused,
             [](auto const& with, auto const& text) {
                 return blocked{with, account}.batch(blocked::batch_request{}.remove(text));
             }),
    argument("search's place", fate::refused,
             [](auto const& with, auto const& text) {
                 return es::investigate{with, account}.poll(
                     "/accounts/" + std::string{account} +
                     "/email-security/investigate?cursor=" + text);
             }),
    argument("filter of a list", fate::encoded,
             [](auto const& with, auto const& text) {
                 return blocked{with, account}.list_page(es::block_sender_filter{}.search(text));
             }),
    argument("pattern to look for", fate::encoded,
             [](auto const& with, auto const& text) {
                 return blocked{with, account}.list_page(es::block_sender_filter{}.pattern(text));
             }),
    search("query", &es::message_filter::query),
    search("sender", &es::message_filter::sender),
    search("recipient", &es::message_filter::recipient),
    search("domain", &es::message_filter::domain),
    search("subject", &es::message_filter::subject),
    search("message ID", &es::message_filter::message_id),
    search("alert ID", &es::message_filter::alert_id),
    search("metric", &es::message_filter::metric),
    search("cursor", &es::message_filter::cursor),
    argument("comment", fate::encoded,
             [](auto const& with, auto const& text) {
                 return blocked{with, account}.edit(1, es::block_sender_patch{}.comments(text));
             }),
    argument("pattern", fate::encoded,
             [](auto const& with, auto const& text) {
                 return blocked{with, account}.create(
                     es::new_block_sender{text, es::pattern_type::domain}.is_regex(true));
             }),
};

std::optional<error> use(place const& where, world& w, std::string const& text) {
    try {
        return where.use(w, text);
    } catch (cloudflare::exception const& thrown) {
        return thrown.reason();
    }
}

std::string shown(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c < ' '; }, '_');
    return text;
}

bool is_printable(std::string const& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < '\x7f'; });
}

/// Nothing but what the client says by itself.
void check_is_clean(seen_request const& got) {
    static std::vector<std::string> const own{"Host",          "User-Agent",   "Accept",
                                              "Authorization", "Content-Type", "Content-Length"};
    BOOST_TEST(is_printable(got.method), got.method);
    BOOST_TEST(is_printable(got.target), got.target);
    BOOST_TEST(got.target.find(' ') == std::string::npos, got.target);
    BOOST_TEST(is_printable(got.body), got.body);
    for (auto const& [name, value] : got.headers) {
        BOOST_TEST((std::find(own.begin(), own.end(), name) != own.end()), name);
        BOOST_TEST(is_printable(value), name << ": " << value);
    }
    BOOST_TEST(got.header("Authorization") == std::string{"Bearer "} + token);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(injection)

BOOST_AUTO_TEST_CASE(nothing_breaks_out_of_its_place) {
    for (auto const& where : places) {
        for (auto const& text : hostile) {
            BOOST_TEST_CONTEXT(where.name << " with " << shown(text)) {
                world w;
                // A list wants an array, all else takes an object that names the entry.
                w.server.otherwise({serve([](seen_request const& asked) {
                    auto const is_list = asked.target.find('?') != std::string::npos;
                    return success(is_list ? "[]" : R"({"id":1})");
                })});
                auto const failure = use(where, w, text);
                if (failure) {
                    BOOST_CHECK_MESSAGE(failure->code() == errc::invalid_argument,
                                        failure->message());
                    BOOST_TEST(w.server.connections() == 0u);
                    // A NUL is a character that the API takes nowhere.
                    auto const may_refuse =
                        where.becomes == fate::refused || text.find('\0') != std::string::npos;
                    BOOST_TEST(may_refuse, failure->message());
                    BOOST_TEST(is_printable(failure->message()), failure->message());
                } else {
                    BOOST_CHECK(where.becomes != fate::refused);
                    BOOST_REQUIRE(w.server.request_count() == 1u);
                    check_is_clean(w.server.requests().front());
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_request_of_the_callers_own) {
    for (auto const& text : hostile) {
        world w;
        w.server.answers({success("{}")});
        auto const send = [&w](cloudflare::request message) {
            auto const got = w.run(w.connect().send(std::move(message), {}, {}));
            REQUIRE_ERROR(got, errc::invalid_argument);
        };
        cloudflare::request with_target;
        with_target.target = "/x" + text;
        send(with_target);
        cloudflare::request with_header;
        with_header.target = "/x";
        with_header.headers.emplace_back("X-Mine", text);
        send(with_header);
        BOOST_TEST(w.server.connections() == 0u);
    }
}

BOOST_AUTO_TEST_CASE(percent_encoded_line_ends_are_no_way_around) {
    boost::asio::io_context context;
    for (auto const* const code : {"%0d%0a", "%0a", "%0D", "%00"}) {
        auto const text = std::string{"a"} + code + "b";
        BOOST_CHECK_THROW(proxy{"http://" + text + "@host"}, cloudflare::exception);
        BOOST_CHECK_THROW(proxy{"http://u:" + text + "@host"}, cloudflare::exception);
        BOOST_CHECK_THROW(proxy{"http://" + text + "/"}, cloudflare::exception);
        BOOST_CHECK_THROW((cloudflare::client{context.get_executor(),
                                              quick_options("https://" + text + "/client/v4")}),
                          cloudflare::exception);
        // In a path they stay what they are.
        world w;
        w.server.answers({success("{}")});
        auto options = w.options();
        options.base_url(options.base_url() + '/' + text);
        REQUIRE_VALUE(w.run(w.blocked(options).get(1)));
        check_is_clean(w.server.requests().front());
        BOOST_TEST(w.server.requests().front().target.starts_with("/client/v4/" + text + '/'));
        // An ID is encoded once more.
        REQUIRE_VALUE(w.run(w.blocked().get(text)));
        BOOST_TEST(w.server.requests().back().target.ends_with(
            boost::algorithm::replace_all_copy(text, "%", "%25")));
    }
}

BOOST_AUTO_TEST_SUITE_END()
