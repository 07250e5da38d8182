#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace cloudflare::inline v0::simulator {

/// One way in which an answer goes wrong. `options::fault` says what each does.
struct fault {
    enum class kind { reset, status, html, truncate, stall, empty, garbage, hang };
    kind what = kind::status;
    /// Whether the request is processed all the same.
    bool processed = false;
    /// Of `status` and `html`.
    unsigned status = 0;
    /// Whether it is processed after the next write.
    bool late = false;
};

/// The faults of one specification, and who meets them.
class fault_plan {
public:
    /// @throws std::invalid_argument when `spec` is malformed.
    explicit fault_plan(std::string_view spec = {}, std::uint64_t seed = 0);

    /// To be called once for each request, in order.
    std::optional<fault> next(std::string_view method);

private:
    struct item {
        std::string method;
        fault what;
        /// With no rate, the `first` to the `last` request of the method, counted from 1.
        std::optional<double> rate;
        std::uint64_t first = 0;
        std::uint64_t last = 0;
        std::uint64_t seen = 0;
    };
    static item parse(std::string_view text);

    std::vector<item> items_;
    std::mt19937_64 random_;
};

}  // namespace cloudflare::inline v0::simulator
