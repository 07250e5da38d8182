#include "rehearsal.hpp"

#include "exit_status.hpp"
#include "output.hpp"
#include "row_writer.hpp"
#include "screen.hpp"
#include "tables.hpp"

#include <cloudflare/detail/counted.hpp>

#include <boost/json/serialize.hpp>

#include <chrono>
#include <utility>

namespace cfes {

namespace asio = boost::asio;
namespace cf = cloudflare;
namespace wire = cloudflare::wire;

asio::awaitable<cf::result<cf::response>> rehearsal::send(cf::request const& message,
                                                          cf::attempt_facts& facts) {
    facts.bytes_sent = false;
    kept_request one;
    one.method = to_string(message.operation.method);
    one.target = message.target;
    one.body = message.body;
    kept_.push_back(std::move(one));
    co_return cf::error{cf::errc::closed, "a dry run sends nothing"};
}

asio::awaitable<void> rehearsal::close(std::chrono::steady_clock::time_point) {
    co_return;
}

void rehearsal::add_state(wire::codec const& how, void const* object) {
    if (kept_.empty()) return;
    wire::append_json(how, object, kept_.back().state);
    kept_.back().shown_state = to_record(to_tree(how, object));
}

int rehearsal::print_all(std::string const& place, output_form form) const {
    if (is_document(form)) {
        auto const quoted = [](std::string const& text) {
            return boost::json::serialize(boost::json::string{text});
        };
        std::string document = R"({"dry_run":true,"place":)" + quoted(place) + R"(,"requests":[)";
        for (auto const& each : kept_) {
            if (&each != &kept_.front()) document += ',';
            document += R"({"method":)" + quoted(each.method);
            document += R"(,"path":)" + quoted(each.target);
            if (!each.body.empty()) document += R"(,"body":)" + each.body;
            if (!each.state.empty()) document += R"(,"now":)" + each.state;
            document += '}';
        }
        return print(to_shown_json(document + "]}\n", form)) ? done : failed;
    }
    std::string text;
    for (auto const& each : kept_) {
        text += each.method + ' ' + each.target + '\n';
        if (!each.body.empty()) text += for_terminal(without_controls(each.body + '\n'));
        if (!each.shown_state.empty()) text += "now:\n" + indent(each.shown_state);
    }
    if (!print(text)) return failed;
    remark("dry run, in " + place + ": " + cf::counted(kept_.size(), "request") +
           " would be sent, and nothing was");
    return done;
}

}  // namespace cfes
