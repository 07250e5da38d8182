// Gives one answer to one call, and prints what became of the call and the most memory that this
// process has ever had, in KiB.
//
//   test_amplified_client CALL STATUS FRONT PART BACK BYTES [TIMEOUT-MS]
//
// The answer is FRONT, then PART again and again up to BYTES in all, then BACK. It is made by a
// transport in this process, in the one copy that the client's own would have received.

#include <cloudflare/client.hpp>
#include <cloudflare/email_security/operations.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <utility>

namespace asio = boost::asio;
namespace cf = cloudflare;
namespace es = cloudflare::email_security;

namespace {

constexpr auto account = "023e105f4ecef8ad9ca31a8372d0c353";

class one_answer final : public cf::transport {
public:
    explicit one_answer(cf::response answer) : answer_{std::move(answer)} {}

    asio::awaitable<cf::result<cf::response>> send(cf::request const&,
                                                   cf::attempt_facts& facts) override {
        facts.bytes_sent = true;
        co_return std::move(answer_);
    }
    asio::awaitable<void> close(std::chrono::steady_clock::time_point) override { co_return; }

private:
    cf::response answer_;
};

std::string told;

template <class T>
void tell(cf::result<T> const& got) {
    told = got ? "ok" : got.error().message();
}

template <class T>
asio::awaitable<void> call(asio::awaitable<cf::result<T>> what) {
    auto const got = co_await std::move(what);
    tell(got);
}

asio::awaitable<void> work(cf::client client, std::string_view which, cf::call_options how) {
    es::block_senders const blocked{client, account};
    es::investigate const mail{client, account};
    how.max_retries(0).settle_unknown(false);
    if (which == "list") return call(blocked.list_page({}, how));
    if (which == "search") return call(mail.search_page({}, how));
    if (which == "get") return call(blocked.get("1", how));
    if (which == "create") {
        return call(blocked.create({"a.example", es::pattern_type::domain}, how));
    }
    if (which == "batch")
        return call(blocked.batch(es::block_senders::batch_request{}.remove("1"), how));
    if (which == "move") {
        return call(mail.move("1", es::move_request{es::mailbox_folder::inbox}, how));
    }
    if (which == "raw") return call(mail.raw("1", how));
    if (which == "detections") return call(mail.detections("1", how));
    return call(es::analytics{client, account}.monthly_report(how));
}

long peak() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    return used.ru_maxrss;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 7) return 64;
    cf::response answer;
    answer.status = static_cast<unsigned>(std::stoul(argv[2]));
    std::string_view const part{argv[4]};
    auto const size = std::stoul(argv[6]);
    answer.body.reserve(size + part.size() + 4096);
    answer.body = argv[3];
    while (answer.body.size() < size) answer.body += part;
    if (part.ends_with(',')) answer.body.pop_back();
    answer.body += argv[5];

    cf::call_options how;
    if (argc > 7) how.timeout(std::chrono::milliseconds{std::stol(argv[7])});
    asio::io_context context{1};
    cf::client_options options{cf::credentials::api_token("a-token-of-the-tests")};
    options.rate_limit(cf::rate_limit_options::unlimited());
    cf::client const client{context.get_executor(), options,
                            std::make_shared<one_answer>(std::move(answer))};
    asio::co_spawn(context, work(client, argv[1], how), asio::detached);
    context.run();
    std::cout << told.substr(0, 300) << '\n' << peak() << '\n';
}
