#pragma once

#include "progress_text.hpp"
#include "session.hpp"

#include <cloudflare/client.hpp>
#include <cloudflare/email_security/sync.hpp>

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace cfes {

enum class progress_form { automatic, always, never };

/// Shows the progress of a plan or a sync on stderr: a bar on a terminal, else a line for each
/// percent of the changes, and for each tenth of the list when that is read.
class progress_display {
public:
    /// While the quota of the session's client makes it wait, that is shown: by the bar again and
    /// again, else by a line. Nothing is shown where that is not wanted, as by --quiet. The session
    /// must outlive it.
    progress_display(session const& with, progress_form form,
                     cloudflare::email_security::sync_options const& options);
    /// Ends the bar.
    ~progress_display();
    progress_display(progress_display const&) = delete;
    progress_display& operator=(progress_display const&) = delete;

    void show(cloudflare::email_security::sync_progress const& now);

    /// Ends the bar, and shows nothing until the next progress.
    void pause();

private:
    using clock = std::chrono::steady_clock;

    bool is_due() const;
    /// How far it is, in steps of which each is worth a line.
    std::int64_t step() const;
    void draw();
    void look_later();
    void look_at_quota();

    bool is_terminal_;
    bool is_on_;
    bool has_bar_ = false;
    call_watch const& watch_;
    cloudflare::client client_;
    progress_view view_;
    request_pace pace_;
    bool has_begun_ = false;
    std::int64_t drawn_step_ = -1;
    bool has_shown_wait_ = false;
    boost::asio::steady_timer timer_;
    /// Gone with the display: a wait that has ended may still be in the queue.
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    clock::time_point start_ = clock::now();
    clock::time_point last_progress_ = start_;
    clock::time_point drawn_ = start_;  // the last bar
    bool has_waited_ = false;           // for the quota, since the last progress
};

}  // namespace cfes
