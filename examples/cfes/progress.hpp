#pragma once

#include <cloudflare/client.hpp>
#include <cloudflare/email_security/sync_options.hpp>

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace cfes {

enum class progress_form { automatic, always, never };

/// Shows the progress of a sync on stderr: a bar on a terminal, else lines.
class progress_display {
public:
    /// Only a bar is redrawn while the sync waits for the quota of this client.
    progress_display(progress_form form, std::size_t batch_size, cloudflare::client const& of);
    /// Ends the bar.
    ~progress_display();
    progress_display(progress_display const&) = delete;
    progress_display& operator=(progress_display const&) = delete;

    void show(cloudflare::email_security::sync_progress const& now);

private:
    void draw(cloudflare::email_security::sync_progress const& now);
    std::string estimate(cloudflare::email_security::sync_progress const& now,
                         double per_second) const;
    void redraw_later();

    bool is_terminal_;
    bool is_on_;
    bool has_bar_ = false;
    std::size_t batch_size_;
    cloudflare::client client_;
    cloudflare::email_security::sync_progress last_;
    boost::asio::steady_timer timer_;
    /// Gone with the display: a wait that has ended may still be in the queue.
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace cfes
