// Cloudflare's envelope, under every kind of status.

#include "wire/envelope.hpp"

#include "call/redaction.hpp"
#include "fuzz.hpp"

#include <cloudflare/detail/one_line.hpp>
#include <cloudflare/email_security/block_senders.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <vector>

using namespace cloudflare;
using fuzz::require;

namespace {

using senders = std::vector<email_security::block_sender>;

struct decoded {
    senders items;
    page_info info;
    std::vector<api_message> messages;
    std::optional<error> failed;

    explicit decoded(response const& answer) {
        wire::expectation into;
        into.result = {&wire::codec_for<senders>(), &items};
        into.info = &info;
        failed = wire::decode_success(answer, into, messages);
        require(messages.size() <= 256, "only the first messages are kept");
    }
};

void check_message(std::string const& text) {
    require(one_line(text) == text, "an error's message is one line without control characters");
    require(text.size() <= 16 * 1024, "an error's message does not hold a whole body");
}

void check_error(error const& decoded, unsigned status) {
    static auto const secret = credentials::api_token("a-token-of-as-many-characters-as-usual");
    auto const failure = without(secret, decoded);
    require(failure.status() == status, "an error has the answer's status");
    require(failure.code() != errc::invalid_argument, "an answer's error is not the caller's");
    require(failure.detail().size() <= 400, "an error's detail is short");
    auto const is_short = [](api_message const& each) {
        return each.message.size() <= 1024 && each.documentation_url.size() <= 1024 &&
               each.source_pointer.size() <= 1024;
    };
    require(std::ranges::all_of(failure.errors(), is_short), "the errors are short");
    require(std::ranges::all_of(failure.messages(), is_short), "the messages are short");
    check_message(failure.message());
    wire::is_request_timeout(failure);
}

void check_success(response const& answer) {
    decoded const first{answer};
    if (first.failed) return check_error(*first.failed, answer.status);
    response again;
    again.status = answer.status;
    again.body = R"({"success":true,"result":)" + wire::to_json(first.items) +
                 R"(,"result_info":)" + wire::to_json(first.info) + '}';
    decoded const second{again};
    require(!second.failed, "what was decoded can be decoded again");
    require(wire::to_json(second.items) == wire::to_json(first.items), "items come back the same");
    require(wire::to_json(second.info) == wire::to_json(first.info),
            "the page comes back the same");
}

}  // namespace

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static constexpr std::array statuses{200U, 201U, 202U, 204U, 301U, 400U, 401U,
                                         402U, 403U, 404U, 409U, 429U, 500U, 530U};
    fuzz::input in{data, size};
    response answer;
    answer.status = statuses[in.pick(statuses.size())];
    answer.body = in.rest();
    if (answer.status / 100 == 2) {
        check_success(answer);
    } else {
        check_error(wire::decode_failure(answer, std::chrono::steady_clock::time_point::max()),
                    answer.status);
    }
    return 0;
}
