#include "tally.hpp"

#include "failures.hpp"
#include "output.hpp"

#include <algorithm>

namespace cfes {

namespace cf = cloudflare;

void tally::fail(std::string const& name, cloudflare::error const& why) {
    if (with_->was_rehearsed(why)) return succeed();
    int status = failed;
    if (is_one_) {
        status = complain_about(*with_, why);
    } else {
        complain('\'' + name + "': " + explain(*with_, why));
        status = status_of(why, with_->watch().last_write_repeats());
    }
    failures_.push_back(status);
    is_over_ = status == not_allowed || status == try_later || why.code() == cf::errc::cancelled;
}

void tally::leave(std::size_t count) {
    if (count == 0) return;
    complain(std::to_string(count) + " left, which were not tried");
}

int tally::status() const {
    if (failures_.empty()) return done;
    bool const is_missing =
        std::ranges::all_of(failures_, [](int each) { return each == exit_status::not_found; });
    if (is_missing) return exit_status::not_found;
    return succeeded_ > 0 ? done_in_part : failures_.back();
}

}  // namespace cfes
