#pragma once

#include <cstdint>

/// What all processes of a user know together of the quota, and the rule by which each of them may
/// send. Pure: integers, times in milliseconds of the clock of whoever keeps the record.
/// `quota_record.lua` is the same rule for Redis, and a test holds the two together.
namespace cloudflare::inline v0::quota {

/// What those who share a record have to agree on.
struct record_policy {
    std::int64_t quota = 1200;     ///< requests in a window
    std::int64_t window = 300000;  ///< its length
    std::int64_t reserve = 12;     ///< requests of a window that are left to others
};

/// The state of the window that is open at the server, as far as it is known.
///
/// Windows are the server's: one begins with the first request after the one before has ended. So a
/// window is opened with single requests, until the answer to one has told what is left and for how
/// long; only then leases of several are given. Of what answers tell, the least is believed, since
/// within a window what is left only falls. What was granted counts as spent until it was given
/// back, or an answer to it is among those whose numbers are known; it ends with the window.
struct quota_record {
    std::int64_t generation = 0;  ///< when the record was made; 0: there is none
    std::int64_t opened = 0;      ///< when the window was opened here, which is also its name
    std::int64_t end = 0;         ///< when it ends at the latest
    std::int64_t remaining = 0;   ///< the least that an answer said, or the whole quota
    std::int64_t out = 0;         ///< granted, and perhaps not counted in `remaining`
    std::int64_t told = 0;        ///< 1: an answer has said what is left
    std::int64_t heard = 0;       ///< answers that did not, in a window of which none has
    std::int64_t granted = 0;     ///< when anything was granted last
    std::int64_t blocked = 0;     ///< until when a 429 forbids all
    std::int64_t turn = 0;        ///< up to when coming windows have been promised

    friend bool operator==(quota_record const&, quota_record const&) = default;
};

/// What a process tells, and asks for, at once.
struct record_exchange {
    // The window that it knew of; zeros: none.
    std::int64_t generation = 0;
    std::int64_t opened = 0;
    std::int64_t ends_in = 0;    ///< by its own clock
    std::int64_t in_flight = 0;  ///< its requests that are under way
    // What was answered since the exchange before.
    std::int64_t answers = 0;       ///< answers that told numbers
    std::int64_t remaining = 0;     ///< of those the least
    std::int64_t resets_in = 0;     ///< of those the earliest
    std::int64_t silent = 0;        ///< answers that told none
    std::int64_t refused_for = -1;  ///< a 429's time; 0: it named none; negative: there was none
    std::int64_t unused = 0;        ///< of its leases in that window, to be given back
    std::int64_t wanted = 0;        ///< 0: it only tells
};

/// What it is answered.
struct record_answer {
    std::int64_t generation = 0;
    std::int64_t opened = 0;
    std::int64_t ends_in = 0;
    std::int64_t granted = 0;
    /// How long what was granted may be used. Of nothing: in how long to ask again.
    std::int64_t lasts = 0;
    /// 1: others wait for what the answer to the request will say.
    std::int64_t is_probe = 0;

    friend bool operator==(record_answer const&, record_answer const&) = default;
};

/// The window that a process knows of, by a clock of its own.
struct known_window {
    std::int64_t generation = 0;
    std::int64_t opened = 0;
    std::int64_t end = 0;

    /// What is told in its name.
    record_exchange in(std::int64_t now) const;
    void learn(record_answer const& answer, std::int64_t now);
};

/// How long before a window's end its last request is granted, and how long after the end the first
/// one of the next: clocks differ, and requests take their time.
std::int64_t margin_of(record_policy const& policy);

/// How many requests a busy process asks for at once: so many that it asks far less often than it
/// sends, and so few that many processes get some of a window.
std::int64_t usual_lease(record_policy const& policy);

/// How often it tells what it was answered, at most.
std::int64_t report_interval_of(record_policy const& policy);

/// Takes what a process tells, and grants what can be granted of what it wants.
record_answer exchange(quota_record& record, record_policy const& policy,
                       record_exchange const& what, std::int64_t now);

/// How long whoever keeps the record has to keep it: without it, what it knew is not known.
std::int64_t lifetime_of(quota_record const& record, record_policy const& policy, std::int64_t now);

}  // namespace cloudflare::inline v0::quota
