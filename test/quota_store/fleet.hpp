#pragma once

#include "support/program.hpp"

#include <cloudflare/simulator.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace test {

/// What the processes of a fleet did, together.
struct fleet_result {
    std::map<std::string, std::int64_t> sum;
    std::int64_t longest_ms = 0;
    int broken = 0;      ///< processes that did not end well
    std::string errors;  ///< what they wrote to standard error
};

/// Processes that write to a simulator, and share its quota by a store.
class fleet {
public:
    struct size {
        std::size_t processes = 8;
        int writes = 22;
        std::uint64_t quota = 60;
        std::chrono::milliseconds window{1000};
    };

    explicit fleet(size of)
        : size_{of},
          server{cloudflare::simulator::options{}
                     .request_quota(cloudflare::simulator::quota{of.quota, of.window})
                     .latency(std::chrono::milliseconds{5})
                     .log_requests(false)},
          ca_file_{files_.file("ca.pem", server.ca_certificate())} {}

    void start(std::string const& store) {
        for (std::size_t i = 0; i != size_.processes; ++i) {
            processes_.push_back(std::make_unique<program>(std::vector<std::string>{
                FLEET_CLIENT, server.base_url(), ca_file_, store, std::to_string(size_.writes),
                std::to_string(size_.quota), std::to_string(size_.window.count()),
                std::to_string(size_.processes)}));
        }
    }
    program& process(std::size_t number) { return *processes_[number]; }

    /// Waits for all of them.
    fleet_result finish() {
        fleet_result all;
        for (auto const& each : processes_) {
            std::istringstream words{each->read_all()};
            if (each->wait() != 0) ++all.broken;
            all.errors += each->errors();
            std::string word;
            for (std::int64_t number = 0; words >> word >> number;) {
                all.sum[word] += number;
                if (word == "milliseconds") all.longest_ms = std::max(all.longest_ms, number);
            }
        }
        processes_.clear();
        return all;
    }

private:
    size size_;

public:
    cloudflare::simulator::server server;

private:
    scratch files_;
    std::string ca_file_;
    std::vector<std::unique_ptr<program>> processes_;
};

}  // namespace test
