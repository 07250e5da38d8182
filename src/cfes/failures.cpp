#include "failures.hpp"

#include "output.hpp"

namespace cfes {

int complain_about(session const& with, cloudflare::error const& why) {
    complain(why);
    return status_of(why, with.watch().last_write_repeats());
}

}  // namespace cfes
