#pragma once

#include <cloudflare/email_security/sync_options.hpp>

#include <chrono>

namespace cfes {

enum class progress_form { automatic, always, never };

/// Shows the progress of a sync on stderr: a bar on a terminal, else lines.
class progress_display {
public:
    explicit progress_display(progress_form form);
    /// Ends the bar.
    ~progress_display();
    progress_display(progress_display const&) = delete;
    progress_display& operator=(progress_display const&) = delete;

    void show(cloudflare::email_security::sync_progress const& now);

private:
    bool is_terminal_;
    bool is_on_;
    bool has_bar_ = false;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace cfes
