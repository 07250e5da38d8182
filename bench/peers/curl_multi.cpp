// libcurl's multi interface on epoll, with a JSON tree of each answer.

#include "measure.hpp"
#include "request.hpp"

#include <boost/json.hpp>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <curl/curl.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <sys/epoll.h>
#include <unistd.h>
#include <vector>

namespace json = boost::json;

namespace {

/// A handle that makes one create after another.
struct transfer {
    CURL* easy = nullptr;
    std::string body;
    std::string answer;
    std::size_t index = 0;
    bench::clock::time_point begun;
};

std::size_t on_body(char* data, std::size_t, std::size_t size, void* to) {
    static_cast<transfer*>(to)->answer.append(data, size);
    return size;
}

class client {
public:
    explicit client(bench::options const& run)
        : multi_{curl_multi_init()}, epoll_{::epoll_create1(EPOLL_CLOEXEC)} {
        auto const to = bench::parse_destination(run);
        url_ = run.base_url + to.target.substr(to.target.find("/accounts/"));
        headers_ = curl_slist_append(headers_, "Accept: application/json");
        headers_ = curl_slist_append(headers_, "Content-Type: application/json");
        headers_ = curl_slist_append(
            headers_, (std::string{"Authorization: Bearer "} + bench::token).c_str());
        curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &client::on_socket);
        curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
        curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &client::on_timer);
        curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
        curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(run.connections));
        for (std::size_t n = 0; n < run.connections; ++n) {
            auto& made = *transfers_.emplace_back(std::make_unique<transfer>());
            made.easy = curl_easy_init();
            auto* const easy = made.easy;
            curl_easy_setopt(easy, CURLOPT_PRIVATE, &made);
            curl_easy_setopt(easy, CURLOPT_URL, url_.c_str());
            curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_);
            curl_easy_setopt(easy, CURLOPT_USERAGENT, "cloudflare-email-security-cpp/0.1.0");
            curl_easy_setopt(easy, CURLOPT_CAINFO, run.ca_file.c_str());
            curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
            curl_easy_setopt(easy, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_3});
            curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &on_body);
            curl_easy_setopt(easy, CURLOPT_WRITEDATA, &made);
            curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
            curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 600'000L);
        }
    }
    ~client() {
        for (auto& each : transfers_) curl_easy_cleanup(each->easy);
        curl_multi_cleanup(multi_);
        curl_slist_free_all(headers_);
        ::close(epoll_);
    }
    client(client const&) = delete;
    client& operator=(client const&) = delete;

    void create(std::size_t requests, bench::measurement& figures) {
        begun_ = 0;
        ended_ = 0;
        for (auto& each : transfers_) {
            if (begun_ < requests) begin(*each);
        }
        std::array<epoll_event, 128> ready{};
        while (ended_ < requests) {
            auto const count = ::epoll_wait(epoll_, ready.data(), ready.size(), timeout_ms_);
            int running = 0;
            if (count == 0 || timeout_ms_ == 0) {
                timeout_ms_ = -1;
                curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
            }
            for (int i = 0; i < count; ++i) {
                auto const& event = ready[static_cast<std::size_t>(i)];
                auto const flags = (event.events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                                   (event.events & (EPOLLIN | EPOLLHUP) ? CURL_CSELECT_IN : 0) |
                                   (event.events & EPOLLERR ? CURL_CSELECT_ERR : 0);
                curl_multi_socket_action(multi_, event.data.fd, flags, &running);
            }
            end_finished(requests, figures);
        }
    }

private:
    void begin(transfer& one) {
        one.index = begun_++;
        one.begun = bench::clock::now();
        one.answer.clear();
        one.body = json::serialize(json::object{
            {"pattern", bench::pattern}, {"pattern_type", "DOMAIN"}, {"is_regex", false}});
        curl_easy_setopt(one.easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(one.body.size()));
        curl_easy_setopt(one.easy, CURLOPT_POSTFIELDS, one.body.c_str());
        curl_multi_add_handle(multi_, one.easy);
    }

    void end_finished(std::size_t requests, bench::measurement& figures) {
        int left = 0;
        while (auto const* const message = curl_multi_info_read(multi_, &left)) {
            if (message->msg != CURLMSG_DONE) continue;
            auto* const easy = message->easy_handle;
            if (message->data.result != CURLE_OK) {
                throw std::runtime_error(curl_easy_strerror(message->data.result));
            }
            transfer* one = nullptr;
            curl_easy_getinfo(easy, CURLINFO_PRIVATE, &one);
            long status = 0;
            curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
            if (status != 201) throw std::runtime_error("refused");
            auto const answer = json::parse(one->answer);
            if (answer.at("result").at("id").as_string().empty()) {
                throw std::runtime_error("no id");
            }
            figures.record(one->index, bench::clock::now() - one->begun);
            curl_multi_remove_handle(multi_, easy);
            ++ended_;
            if (begun_ < requests) begin(*one);
        }
    }

    static int on_socket(CURL*, curl_socket_t socket, int what, void* self, void* known) {
        auto& me = *static_cast<client*>(self);
        epoll_event wanted{};
        wanted.data.fd = socket;
        if (what == CURL_POLL_REMOVE) {
            ::epoll_ctl(me.epoll_, EPOLL_CTL_DEL, socket, &wanted);
            return 0;
        }
        wanted.events =
            (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
        ::epoll_ctl(me.epoll_, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &wanted);
        if (!known) curl_multi_assign(me.multi_, socket, &me);
        return 0;
    }

    static int on_timer(CURLM*, long timeout_ms, void* self) {
        static_cast<client*>(self)->timeout_ms_ = static_cast<int>(timeout_ms);
        return 0;
    }

    CURLM* multi_;
    int epoll_;
    curl_slist* headers_ = nullptr;
    std::string url_;
    std::vector<std::unique_ptr<transfer>> transfers_;
    int timeout_ms_ = -1;
    std::size_t begun_ = 0;
    std::size_t ended_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    bench::options run;
    CLI::App program{"Measures creates through libcurl's multi interface."};
    bench::add_options(program, run);
    CLI11_PARSE(program, argc, argv);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    int status = 0;
    try {
        client curl{run};
        bench::measurement ignored{bench::warm_up_requests(run)};
        curl.create(bench::warm_up_requests(run), ignored);
        bench::measurement figures{run.requests};
        bench::measured(figures, [&] { curl.create(run.requests, figures); });
        figures.print("curl_multi", run);
    } catch (std::exception const& failed) {
        std::fprintf(stderr, "curl_multi: %s\n", failed.what());
        status = 1;
    }
    curl_global_cleanup();
    return status;
}
