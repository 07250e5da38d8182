#include "email_security/feed/ascii.hpp"
#include "email_security/feed/feed_form.hpp"
#include "email_security/feed/feed_text.hpp"

#include <algorithm>
#include <array>

namespace cloudflare::inline v0::email_security {

namespace {

/// Names that every hosts file has for the machine itself.
constexpr std::array<std::string_view, 12> local_names{
    "localhost",     "localhost.localdomain", "local",        "broadcasthost",
    "ip6-localhost", "ip6-loopback",          "ip6-localnet", "ip6-mcastprefix",
    "ip6-allnodes",  "ip6-allrouters",        "ip6-allhosts", "0.0.0.0"};

bool is_local(std::string_view name) {
    return std::ranges::any_of(local_names,
                               [name](std::string_view each) { return is_same_word(each, name); });
}

/// `0.0.0.0 name...`
class hosts_form final : public form_reader {
public:
    explicit hosts_form(entry_maker& make) : form_reader{make} {}

    std::optional<error> take(feed_line const& line) override {
        auto const parted = part_note(line.text, "#;", true);
        auto rest = parted.text;
        auto const address = take_word(rest);
        if (address.empty()) {
            if (parted.has_note) make_.note();
            return std::nullopt;
        }
        auto name = take_word(rest);
        if (!is_sink_address(address) || name.empty()) {
            make_.reject(line.place(), parted.text,
                         name.empty() ? "has no name beside the address"
                                      : "gives a name another address than 0.0.0.0");
            return std::nullopt;
        }
        // What follows a word that is no name may be a remark, and what it mentions no name here.
        while (!name.empty()) {
            auto const from =
                parted.text.substr(static_cast<std::size_t>(name.data() - parted.text.data()));
            if (std::ranges::none_of(name, is_alphanumeric)) {
                make_.reject({line.number, from}, "has more than names");
                break;
            }
            if (is_local(name)) {
                make_.note();
            } else if (!make_.add({line.number, name}, name, parted.note) && !trim(rest).empty()) {
                make_.reject({line.number, rest}, "follows a word that is no name");
                break;
            }
            name = take_word(rest);
        }
        return std::nullopt;
    }

    bool shows_cuts() const override { return true; }
};

}  // namespace

bool is_sink_address(std::string_view text) noexcept {
    constexpr std::array<std::string_view, 8> sinks{
        "0.0.0.0", "::", "::1", "0", "255.255.255.255", "ff00::0", "ff02::1", "ff02::2"};
    return text.starts_with("127.") || starts_with_word(text, "fe80::1") ||
           starts_with_word(text, "ff02::") || std::ranges::find(sinks, text) != sinks.end();
}

std::unique_ptr<form_reader> make_hosts_reader(entry_maker& make) {
    return std::make_unique<hosts_form>(make);
}

}  // namespace cloudflare::inline v0::email_security
