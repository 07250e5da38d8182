// Makes a client, has it do what it is told, lets it go, and then looks for its secrets in all of
// its own memory. Prints how often it found each.
//
//   test_wiping_client MODE API-PORT PROXY-PORT CA-FILE
//
// A secret stands in this program's memory only where the library put it: its text is masked in the
// read-only part of the program, and each unmasked copy is overwritten after use.

#include <cloudflare/client.hpp>
#include <cloudflare/email_security/block_senders.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <fcntl.h>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace asio = boost::asio;
namespace es = cloudflare::email_security;

namespace {

constexpr std::size_t longest = 64;
constexpr char mask = 0x55;

/// A copy of a secret, for as long as it is needed.
class unmasked {
public:
    explicit unmasked(std::string_view masked_text) : size_{masked_text.size()} {
        for (std::size_t i = 0; i < size_; ++i) text_[i] = static_cast<char>(masked_text[i] ^ mask);
    }
    ~unmasked() { OPENSSL_cleanse(text_.data(), text_.size()); }
    unmasked(unmasked const&) = delete;
    unmasked& operator=(unmasked const&) = delete;

    std::string_view view() const { return {text_.data(), size_}; }

private:
    std::array<char, longest> text_{};
    std::size_t size_;
};

class masked {
public:
    consteval masked(std::string_view text) : size_{text.size()} {
        for (std::size_t i = 0; i < size_; ++i) text_[i] = static_cast<char>(text[i] ^ mask);
    }

    std::size_t size() const { return size_; }
    unmasked text() const { return unmasked{{text_.data(), size_}}; }
    bool is_at(char const* where) const {
        for (std::size_t i = 0; i < size_; ++i) {
            if (where[i] != static_cast<char>(text_[i] ^ mask)) return false;
        }
        return true;
    }

private:
    std::array<char, longest> text_{};
    std::size_t size_;
};

constexpr masked token{"A-t0ken-of-forty-characters-as-usual-123"};
constexpr masked key{"0c9e8d7f6a5b4c3d2e1f00112233445566778899"};
constexpr masked proxy_password{"hunter2-and-some-more-so-that-it-is-long"};
/// `user:` and the password, in Base64.
constexpr masked proxy_basic{"dXNlcjpodW50ZXIyLWFuZC1zb21lLW1vcmUtc28tdGhhdC1pdC1pcy1sb25n"};

/// How often a secret stands in what this process can write to.
std::size_t count(masked const& secret) {
    constexpr std::size_t chunk = 1 << 20;
    constexpr std::uintptr_t not_for_data = std::uintptr_t{1} << 32;  // what sanitizers reserve
    std::ifstream maps{"/proc/self/maps"};
    std::string const all{std::istreambuf_iterator<char>{maps}, {}};
    auto const memory = ::open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    std::vector<char> seen(chunk);
    std::size_t found = 0;
    for (std::string_view rest{all}; !rest.empty();) {
        auto const line = rest.substr(0, rest.find('\n') + 1);
        rest.remove_prefix(line.size());
        std::uintptr_t begin = 0;
        std::uintptr_t end = 0;
        if (std::sscanf(line.data(), "%lx-%lx rw", &begin, &end) != 2) continue;
        if (line.substr(line.find(' ') + 1, 2) != "rw" || end - begin > not_for_data) continue;
        for (auto at = begin; at + secret.size() <= end;) {
            auto const wanted = std::min<std::uintptr_t>(chunk, end - at);
            auto const got = ::pread(memory, seen.data(), wanted, static_cast<off_t>(at));
            if (got < static_cast<ssize_t>(secret.size())) break;
            auto const size = static_cast<std::size_t>(got);
            for (std::size_t i = 0; i + secret.size() <= size; ++i) {
                if (secret.is_at(seen.data() + i)) ++found;
            }
            // This is memory of the process, too.
            OPENSSL_cleanse(seen.data(), seen.size());
            if (at + size >= end) break;
            at += size - secret.size() + 1;
        }
    }
    ::close(memory);
    return found;
}

cloudflare::client_options options_for(std::string_view mode, std::string const& api,
                                       std::string const& way, std::string const& ca_file) {
    std::ifstream file{ca_file};
    std::string const authority{std::istreambuf_iterator<char>{file}, {}};
    cloudflare::client_options options;
    if (mode.ends_with("key")) {
        options.credentials(cloudflare::credentials::global_key("me@x.test", key.text().view()));
    } else {
        options.credentials(cloudflare::credentials::api_token(token.text().view()));
    }
    options.base_url("https://127.0.0.1:" + api + "/client/v4")
        .tls(cloudflare::tls_options{}.system_trust(false).extra_ca(authority))
        .retry(cloudflare::retry_options{}.max_retries(0));
    if (mode.ends_with("proxy")) {
        std::string url;
        url.reserve(256);
        url += "http://user:";
        url += proxy_password.text().view();
        url += "@127.0.0.1:" + way;
        options.proxy(cloudflare::proxy{url});
        OPENSSL_cleanse(url.data(), url.size());
    }
    return options;
}

/// Requests of many lengths, so that the credentials stand at many places of a buffer that grows
/// and is filled less than before; several at once, so that there are several connections.
asio::awaitable<void> work(es::block_senders blocked, bool in_parallel) {
    for (auto const size : {1U, 1000U, 10U, 500U, 5000U, 1U}) {
        co_await blocked.list_page(es::block_sender_filter{}.search(std::string(size, 's')));
        auto sender = es::new_block_sender{"a@b.test", es::pattern_type::email};
        sender.comments(std::string(size % 1000, 'c'));
        co_await blocked.create(sender);
    }
    if (in_parallel) co_await blocked.get(1);
}

/// Breaks off after so many steps of the context: all that was under way goes with it.
void use(cloudflare::client_options const& options, std::size_t steps) {
    asio::io_context context{1};
    cloudflare::client const client{context.get_executor(), options};
    for (int i = 0; i < 3; ++i) {
        asio::co_spawn(context, work({client, "023e105f4ecef8ad9ca31a8372d0c353"}, i > 0),
                       asio::detached);
    }
    for (; steps > 0 && context.run_one() > 0; --steps) continue;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) return 64;
    std::string_view const mode{argv[1]};
    std::optional<cloudflare::client_options> options{options_for(mode, argv[2], argv[3], argv[4])};
    constexpr auto all = static_cast<std::size_t>(-1);
    if (mode.ends_with("dropped")) {
        for (std::size_t steps = 1; steps < 200; steps += 5) use(*options, steps);
    } else {
        use(*options, all);
    }
    // The client is gone. The options share its credentials.
    if (!mode.starts_with("kept")) options.reset();
    std::cout << "token " << count(token) << ", key " << count(key) << ", password "
              << count(proxy_password) << ", basic " << count(proxy_basic) << '\n';
}
