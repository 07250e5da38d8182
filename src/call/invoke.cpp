#include <cloudflare/detail/answer_match.hpp>
#include <cloudflare/detail/invoke.hpp>
#include <cloudflare/detail/whole_list.hpp>

#include <charconv>

namespace cloudflare::inline v0 {

std::size_t detail::page_size_of(std::string_view target) noexcept {
    constexpr std::string_view name = "per_page=";
    auto most = static_cast<std::size_t>(max_page_size);
    for (auto at = target.find_first_of("?&"); at != std::string_view::npos;
         at = target.find('&', at + 1)) {
        auto const field = target.substr(at + 1);
        if (!field.starts_with(name)) continue;
        std::size_t asked = 0;
        auto const* const begin = field.data() + name.size();
        auto const read = std::from_chars(begin, field.data() + field.size(), asked);
        if (read.ec == std::errc{} && asked > 0) most = std::min(most, asked);
    }
    return most;
}

std::optional<error> check_entry(identifier const& answered, identifier const& asked) {
    if (answered.empty()) {
        return error{errc::malformed_response, "the answer does not say which entry it is about"};
    }
    if (asked.empty() || detail::key_of_id(answered) == detail::key_of_id(asked)) {
        return std::nullopt;
    }
    return error{errc::conflict, "the answer is about another entry, '" + answered.text() +
                                     "' instead of '" + asked.text() + '\''};
}

boost::asio::awaitable<result<void>> invoke_nothing(client with, result<request> message,
                                                    call_options options) {
    if (!message) co_return message.error();
    co_return co_await with.send(std::move(*message), std::move(options), reply{});
}

boost::asio::awaitable<result<deleted>> invoke_remove(client with, result<request> message,
                                                      identifier id, call_options options) {
    // That it was done is what the status of a DELETE says (RFC 9110, 9.3.5): there may be nothing
    // more to say. Only another entry must not be named.
    auto check = [id](std::optional<deleted> const& got) {
        return got && !got->id.empty() ? check_entry(got->id, id) : std::nullopt;
    };
    auto removing = invoke_checked<std::optional<deleted>>(std::move(with), std::move(message),
                                                           std::move(check), std::move(options));
    auto const gone = co_await std::move(removing);
    if (!gone) co_return gone.error();
    deleted done;
    done.id = *gone && !(*gone)->id.empty() ? (*gone)->id : std::move(id);
    co_return std::move(done);
}

}  // namespace cloudflare::inline v0
