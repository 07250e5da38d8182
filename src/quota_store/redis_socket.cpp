#include "quota_store/redis_socket.hpp"

#include "quota_store/redis_tls.hpp"

#include <cerrno>
#include <csignal>
#include <ctime>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <pthread.h>
#include <string_view>
#include <sys/socket.h>
#include <utility>

namespace cloudflare::inline v0 {

namespace asio = boost::asio;

using wait_kind = asio::posix::stream_descriptor::wait_type;

namespace {

/// hiredis writes in a way that sends a signal when the other end is gone, which would end a
/// program that does not expect it.
class without_sigpipe {
public:
    without_sigpipe() {
        ::sigemptyset(&pipe_);
        ::sigaddset(&pipe_, SIGPIPE);
        sigset_t pending;
        ::sigpending(&pending);
        was_pending_ = ::sigismember(&pending, SIGPIPE) == 1;
        ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
    }
    ~without_sigpipe() {
        timespec const none{};
        if (!was_pending_) {
            while (::sigtimedwait(&pipe_, nullptr, &none) == SIGPIPE) {
            }
        }
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    without_sigpipe(without_sigpipe const&) = delete;
    without_sigpipe& operator=(without_sigpipe const&) = delete;

private:
    sigset_t pipe_{};
    sigset_t before_{};
    bool was_pending_ = false;
};

error failure(std::string_view why) {
    return error{errc::quota_unavailable, std::string{why}};
}

redis_reply reply_of(redisReply const& from) {
    redis_reply reply;
    switch (from.type) {
        case REDIS_REPLY_INTEGER:
            reply.what = redis_reply::kind::integer;
            reply.integer = from.integer;
            break;
        case REDIS_REPLY_STRING:
        case REDIS_REPLY_STATUS:
            reply.what = redis_reply::kind::text;
            reply.text.assign(from.str, static_cast<std::size_t>(from.len));
            break;
        case REDIS_REPLY_ERROR:
            reply.what = redis_reply::kind::failure;
            reply.text.assign(from.str, static_cast<std::size_t>(from.len));
            break;
        case REDIS_REPLY_ARRAY:
            reply.what = redis_reply::kind::array;
            for (std::size_t i = 0; i != from.elements; ++i) {
                reply.elements.push_back(reply_of(*from.element[i]));
            }
            break;
        default:
            break;
    }
    return reply;
}

/// What was said to who asks to be let in. A server that does not know a command repeats it, with
/// the password: only the first word is shown.
error refusal_of(std::string_view text) {
    return failure("the store refuses the login: " + std::string{text.substr(0, text.find(' '))});
}

}  // namespace

/// What hiredis calls.
struct redis_socket::hooks {
    static redis_socket& of(void* data) { return *static_cast<redis_socket*>(data); }

    static void add_read(void* data) { of(data).wait_to_read(); }
    // It always reads.
    static void delete_read(void*) {}
    static void add_write(void* data) { of(data).wait_to_write(); }
    static void delete_write(void* data) { of(data).wants_to_write_ = false; }
    static void clean_up(void* data) {
        auto& socket = of(data);
        socket.context_ = nullptr;
        // hiredis closes it.
        if (socket.descriptor_) (void)socket.descriptor_->release();
    }

    static void on_reply(redisAsyncContext* context, void* answer, void* data) {
        std::unique_ptr<std::shared_ptr<awaited_reply>> const awaited{
            static_cast<std::shared_ptr<awaited_reply>*>(data)};
        auto& into = **awaited;
        of(context->ev.data).take_answer();
        if (answer) {
            of(context->ev.data).has_answered_ = true;
            into.answer = reply_of(*static_cast<redisReply*>(answer));
        } else {
            into.answer =
                failure(context->err != 0 ? context->errstr : "the connection was closed");
        }
        into.timer.cancel();
    }
    static void on_login(redisAsyncContext* context, void* answer, void*) {
        of(context->ev.data).take_answer();
        auto const* const reply = static_cast<redisReply*>(answer);
        if (!reply || reply->type != REDIS_REPLY_ERROR) return;
        of(context->ev.data).refusal_ =
            refusal_of({reply->str, static_cast<std::size_t>(reply->len)});
    }
};

redis_socket::redis_socket(asio::any_io_executor strand) : strand_{std::move(strand)} {}

redis_socket::~redis_socket() {
    close();
}

void redis_socket::close() {
    if (context_) ::redisAsyncFree(context_);
}

result<void> redis_socket::begin(quota_store_options const& options, std::string const& address) {
    auto* const made = options.kind() == quota_store_options::place::redis_socket
                           ? ::redisAsyncConnectUnix(options.path().c_str())
                           : ::redisAsyncConnect(address.c_str(), options.port());
    if (!made) return failure("no memory for a connection to the store");
    if (made->err != 0) {
        auto const why = failure(made->errstr);
        ::redisAsyncFree(made);
        return why;
    }
    context_ = made;
    if (options.uses_tls()) {
        if (auto const begun = begin_tls(made->c, options); !begun) {
            ::redisAsyncFree(std::exchange(context_, nullptr));
            return begun.error();
        }
    }
    attach();
    log_in(options);
    return {};
}

void redis_socket::attach() {
    descriptor_.emplace(strand_, context_->c.fd);
    auto& events = context_->ev;
    events.data = this;
    events.addRead = &hooks::add_read;
    events.delRead = &hooks::delete_read;
    events.addWrite = &hooks::add_write;
    events.delWrite = &hooks::delete_write;
    events.cleanup = &hooks::clean_up;
    // It is connected when it can be written to.
    wait_to_write();
}

void redis_socket::log_in(quota_store_options const& options) {
    auto const send_words = [this](std::vector<char const*> words, std::vector<std::size_t> sizes) {
        if (::redisAsyncCommandArgv(context_, &hooks::on_login, nullptr,
                                    static_cast<int>(words.size()), words.data(),
                                    sizes.data()) == REDIS_OK) {
            await_answer();
        }
    };
    auto const& user = options.login();
    auto const& password = options.password();
    constexpr std::string_view auth = "AUTH";
    constexpr std::string_view select = "SELECT";
    if (!password.empty() && user.empty()) {
        send_words({auth.data(), password.data()}, {auth.size(), password.size()});
    } else if (!password.empty()) {
        send_words({auth.data(), user.data(), password.data()},
                   {auth.size(), user.size(), password.size()});
    }
    if (options.database() != 0) {
        auto const number = std::to_string(options.database());
        send_words({select.data(), number.data()}, {select.size(), number.size()});
    }
}

std::shared_ptr<awaited_reply> redis_socket::send(std::vector<std::string> const& words,
                                                  std::chrono::steady_clock::time_point deadline) {
    auto awaited = std::make_shared<awaited_reply>(strand_, deadline);
    std::vector<char const*> texts;
    std::vector<std::size_t> sizes;
    for (auto const& each : words) {
        texts.push_back(each.data());
        sizes.push_back(each.size());
    }
    auto kept = std::make_unique<std::shared_ptr<awaited_reply>>(awaited);
    if (::redisAsyncCommandArgv(context_, &hooks::on_reply, kept.get(),
                                static_cast<int>(texts.size()), texts.data(),
                                sizes.data()) == REDIS_OK) {
        (void)kept.release();
        await_answer();
    } else {
        awaited->answer = failure("the connection to the store is being closed");
    }
    return awaited;
}

void redis_socket::take_answer() {
    if (awaited_ > 0 && --awaited_ == 0 && is_reading_ && context_) descriptor_->cancel();
}

bool redis_socket::is_sound() const noexcept {
    if (!context_) return false;
    if (awaited_ > 0 || !has_answered_) return true;
    char byte = 0;
    auto const size = ::recv(context_->c.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

void redis_socket::wait_to_read() {
    if (awaited_ == 0 || std::exchange(is_reading_, true)) return;
    descriptor_->async_wait(wait_kind::wait_read,
                            [weak = weak_from_this()](boost::system::error_code ec) {
                                auto const self = weak.lock();
                                if (!self) return;
                                self->is_reading_ = false;
                                if (!self->context_) return;
                                // Another answer may be awaited since the wait was ended.
                                if (ec) return self->wait_to_read();
                                ::redisAsyncHandleRead(self->context_);
                            });
}

void redis_socket::wait_to_write() {
    wants_to_write_ = true;
    if (std::exchange(is_writing_, true)) return;
    descriptor_->async_wait(wait_kind::wait_write,
                            [weak = weak_from_this()](boost::system::error_code ec) {
                                auto const self = weak.lock();
                                if (!self) return;
                                self->is_writing_ = false;
                                if (!self->context_ || !self->wants_to_write_) return;
                                // The end of a wait to read ends this one as well.
                                if (ec) return self->wait_to_write();
                                self->wants_to_write_ = false;
                                without_sigpipe const guarded;
                                ::redisAsyncHandleWrite(self->context_);
                            });
}

}  // namespace cloudflare::inline v0
