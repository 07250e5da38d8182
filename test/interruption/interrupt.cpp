#include "interrupt.hpp"

#include "virtual_clock.hpp"

#include <boost/asio/cancellation_type.hpp>

#include <array>
#include <utility>

namespace cloudflare::test {

namespace {

using boost::asio::cancellation_type;
using namespace std::chrono_literals;

constexpr auto past_the_deadline = time_of_call + 1s;

void check_cancelled(waiting_point const& point, outcome_of_call const& got) {
    REQUIRE_ERROR(got, errc::cancelled);
    BOOST_TEST(got.error().outcome() == point.when_cancelled);
}

/// The call is done. It must not have been repeated, nor must it be.
void check_end(waiting_point const& point, scene& s) {
    check_soundness(s);
    BOOST_TEST(s.requests_of_call() == point.requests);
}

}  // namespace

void cancel_at_each(std::vector<waiting_point> const& points) {
    constexpr std::array types{std::pair{cancellation_type::terminal, "terminal"},
                               std::pair{cancellation_type::partial, "partial"},
                               std::pair{cancellation_type::total, "total"}};
    for (auto const& point : points) {
        for (auto const& [type, name] : types) {
            BOOST_TEST_CONTEXT(point.name << ", " << name) {
                auto const s = point.reach();
                s->call->cancel(type);
                run_ready(s->context);
                BOOST_REQUIRE_MESSAGE(s->call->is_done(), "the cancellation has no effect");
                check_cancelled(point, s->finish(s->call));
                check_end(point, *s);
            }
        }
    }
}

void let_time_pass_at_each(std::vector<waiting_point> const& points) {
    for (auto const& point : points) {
        if (!point.at_deadline) continue;
        BOOST_TEST_CONTEXT(point.name) {
            auto const s = point.reach();
            pass(s->context, past_the_deadline);
            auto const got = s->finish(s->call);
            REQUIRE_ERROR(got, *point.at_deadline);
            BOOST_TEST(got.error().outcome() == point.when_cancelled);
            check_end(point, *s);
        }
    }
}

namespace {

/// Cancels from inside the context, as a caller has to, after it has looked for what is ready so
/// many times: between what has expired and the coroutines that this wakes.
void cancel_after(int looks, scene& s, bool& was_done) {
    boost::asio::post(s.context, [looks, &s, &was_done] {
        if (looks > 0) {
            cancel_after(looks - 1, s, was_done);
            return;
        }
        was_done = s.call->is_done();
        s.call->signal.emit(cancellation_type::terminal);
    });
}

/// Returns whether the call had ended before it was cancelled.
bool cancel_and_be_late(waiting_point const& point, bool cancelled_first, int steps) {
    auto const s = point.reach();
    bool was_done = false;
    if (cancelled_first) {
        s->call->cancel();
        for (int i = 0; i < steps && !s->call->is_done(); ++i) s->context.run_one_for(watchdog);
        was_done = s->call->is_done();
        pass(s->context, past_the_deadline);
    } else {
        pass(s->context, past_the_deadline);
        cancel_after(steps, *s, was_done);
    }
    run_ready(s->context);
    auto const got = s->finish(s->call);
    if (cancelled_first || !was_done) {
        check_cancelled(point, got);
    } else {
        REQUIRE_ERROR(got, *point.at_deadline);
    }
    check_end(point, *s);
    return was_done;
}

}  // namespace

void do_both_at_each(std::vector<waiting_point> const& points) {
    for (auto const& point : points) {
        if (!point.at_deadline) continue;
        for (bool const cancelled_first : {true, false}) {
            bool was_done = false;
            for (int steps = 0; !was_done; ++steps) {
                BOOST_TEST_CONTEXT(point.name << ", " << (cancelled_first ? "cancelled" : "late")
                                              << " first, " << steps << " steps between") {
                    was_done = cancel_and_be_late(point, cancelled_first, steps);
                }
            }
        }
    }
}

}  // namespace cloudflare::test
