#pragma once

#include "support/program.hpp"

#include <hiredis/hiredis.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <utility>
#include <vector>

namespace test {

/// A Redis server of the test's own, on a Unix socket, which keeps nothing on disk.
class redis_server {
public:
    /// With arguments of `redis-server`.
    explicit redis_server(std::vector<std::string> more = {}) : more_{std::move(more)} { start(); }

    /// Begins, or begins again, and waits until it answers.
    void start() {
        std::vector<std::string> command{REDIS_SERVER,
                                         "--port",
                                         "0",
                                         "--unixsocket",
                                         socket(),
                                         "--dir",
                                         files_.path().string(),
                                         "--save",
                                         "",
                                         "--appendonly",
                                         "no",
                                         "--loglevel",
                                         "warning"};
        command.insert(command.end(), more_.begin(), more_.end());
        process_ = std::make_unique<program>(std::move(command));
        while (!answers()) std::this_thread::yield();
    }
    /// As a crash would.
    void kill() {
        process_->signal(SIGKILL);
        process_->wait();
        process_.reset();
    }
    void pause() { process_->signal(SIGSTOP); }
    void resume() { process_->signal(SIGCONT); }

    std::string socket() const { return (files_.path() / "redis.sock").string(); }
    std::string address() const { return "unix:" + socket(); }

    /// The answer to a command: a text, or the elements of a list.
    std::vector<std::string> command(std::vector<std::string> const& words) const {
        auto const with = connect();
        if (!with) throw std::runtime_error("no connection");
        std::vector<char const*> texts;
        std::vector<std::size_t> sizes;
        for (auto const& each : words) {
            texts.push_back(each.data());
            sizes.push_back(each.size());
        }
        std::unique_ptr<redisReply, void (*)(void*)> const reply{
            static_cast<redisReply*>(::redisCommandArgv(with.get(), static_cast<int>(texts.size()),
                                                        texts.data(), sizes.data())),
            &::freeReplyObject};
        if (!reply) throw std::runtime_error("no answer");
        std::vector<std::string> all;
        if (reply->type == REDIS_REPLY_ARRAY) {
            for (std::size_t i = 0; i != reply->elements; ++i)
                all.push_back(of(*reply->element[i]));
        } else {
            all.push_back(of(*reply));
        }
        return all;
    }

private:
    static std::string of(redisReply const& reply) {
        if (reply.type == REDIS_REPLY_INTEGER) return std::to_string(reply.integer);
        if (reply.type == REDIS_REPLY_ERROR) throw std::runtime_error(reply.str);
        return reply.str ? std::string{reply.str, static_cast<std::size_t>(reply.len)}
                         : std::string{};
    }
    bool answers() const {
        auto const with = connect();
        if (!with) {
            int status = 0;
            if (::waitpid(process_->pid(), &status, WNOHANG) != 0) {
                throw std::runtime_error("redis-server: " + process_->errors());
            }
            return false;
        }
        std::unique_ptr<void, void (*)(void*)> const reply{::redisCommand(with.get(), "PING"),
                                                           &::freeReplyObject};
        return reply != nullptr;
    }
    std::shared_ptr<redisContext> connect() const {
        std::shared_ptr<redisContext> made{::redisConnectUnix(socket().c_str()), &::redisFree};
        if (!made || made->err != 0) return nullptr;
        return made;
    }

    scratch files_;
    std::vector<std::string> more_;
    std::unique_ptr<program> process_;
};

}  // namespace test
