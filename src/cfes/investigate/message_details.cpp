#include "investigate/investigate_verbs.hpp"
#include "investigate/message_finding.hpp"
#include "verbs.hpp"

#include <cloudflare/email_security/investigate.hpp>

#include <openssl/evp.h>

#include <optional>

namespace cfes {

namespace {

std::optional<std::string> decode_base64(std::string const& text) {
    std::string bytes(text.size() / 4 * 3, '\0');
    auto const* const from = reinterpret_cast<unsigned char const*>(text.data());
    auto* const to = reinterpret_cast<unsigned char*>(bytes.data());
    if (text.size() % 4 != 0 || EVP_DecodeBlock(to, from, static_cast<int>(text.size())) < 0) {
        return std::nullopt;
    }
    // What stands for the padding.
    for (auto end = text.size(); end > 0 && text[end - 1] == '='; --end) bytes.pop_back();
    return bytes;
}

/// Whether a picture can be written to where stdout goes.
bool can_take_picture(session const& with) {
    if (is_document(with.output()) || !is_terminal()) return true;
    complain("a terminal cannot show the picture: redirect stdout into a file");
    return false;
}

/// JSON, or the PNG file itself.
int show_preview(session const& with, cf::result<es::message_preview> const& got) {
    if (!got || is_document(with.output())) return show_result(with, got);
    auto const picture = decode_base64(got->screenshot);
    if (!picture) {
        complain("the picture is not base64");
        return failed;
    }
    return print(*picture) ? done : failed;
}

asio::awaitable<int> run_preview(session& with, cf::identifier id) {
    if (!can_take_picture(with)) co_return usage;
    es::investigate const from{with.client(), with.account_id()};
    auto const got = co_await from.preview(std::move(id));
    co_return show_preview(with, got);
}

asio::awaitable<int> run_create_preview(session& with, cf::identifier id) {
    if (!can_take_picture(with)) co_return usage;
    es::investigate const from{with.writer(), with.account_id()};
    auto const got = co_await from.create_preview(std::move(id));
    co_return show_preview(with, got);
}

/// JSON, or the EML file itself; a terminal gets it without what could move the cursor.
asio::awaitable<int> run_raw(session& with, cf::identifier id) {
    es::investigate const from{with.client(), with.account_id()};
    auto const got = co_await from.raw(std::move(id));
    if (!got || is_document(with.output())) co_return show_result(with, got);
    co_return print(is_terminal() ? without_controls(got->raw) : got->raw) ? done : failed;
}

/// A verb that shows what one of the functions for a message gives.
template <auto Function>
void add_detail(command_line& line, CLI::App& collection, std::string const& name,
                std::string const& what) {
    add_verb_for_message(line, collection, name, what, &show_of<es::investigate, Function>);
}

asio::awaitable<int> run_get(session& with, std::string text, message_store in) {
    auto finding = find_message_id(with, std::move(text), in);
    auto id = co_await std::move(finding);
    if (!id) co_return complain_about_id(with, id.error());
    es::investigate const from{with.client(), with.account_id()};
    // The choice is made outside of the co_await: GCC 12 destroys what a conditional one gives
    // twice.
    bool const is_submission = in == message_store::submitted;
    auto reading = is_submission ? from.get_submitted(std::move(*id)) : from.get(std::move(*id));
    auto const got = co_await std::move(reading);
    co_return show_result(with, got);
}

void add_get(command_line& line, CLI::App& collection) {
    auto& verb = *collection.add_subcommand("get", "Show a message");
    line.rows[&verb] = {wire::fields_of<es::message>()};
    auto const text = add_message(verb);
    auto const is_submission = std::make_shared<bool>(false);
    verb.add_flag("--submission", *is_submission, "It is one that was submitted for review");
    on_verb(line, verb, [text, is_submission] {
        auto const in = *is_submission ? message_store::submitted : message_store::scanned;
        return [text = to_message(*text), in](session& with) { return run_get(with, text, in); };
    });
}

/// The page that the filter names, or all of them.
asio::awaitable<int> run_action_log(session& with, cf::identifier id, es::action_log_filter which) {
    struct action_log_of {
        es::investigate mail;
        cf::identifier message;
        auto list(es::action_log_filter one) const { return mail.action_log(message, one); }
        auto list_page(es::action_log_filter one) const {
            return mail.action_log_page(message, one);
        }
    };
    action_log_of const from{{with.client(), with.account_id()}, std::move(id)};
    auto printing = print_list(with, from, std::move(which), {});
    co_return co_await std::move(printing);
}

}  // namespace

void add_message_details(command_line& line, CLI::App& collection) {
    using es::investigate;
    add_get(line, collection);
    add_detail<&investigate::detections>(line, collection, "detections",
                                         "Show why a message has its disposition");
    auto& log = *collection.add_subcommand("action-log",
                                           "Show what was done with a message after its delivery");
    line.rows[&log] = {wire::fields_of<es::action_entry>()};
    add_message_verb_with_body<es::action_log_filter>(line, log, {}, &run_action_log);
    add_detail<&investigate::trace>(line, collection, "trace", "Show the log of its delivery");
    add_verb_for_message(line, collection, "raw", "Write the message as it came, an EML file",
                         &run_raw);
    add_verb_for_message(line, collection, "preview",
                         "Write a picture of a message that is not benign, a PNG file",
                         &run_preview);
    auto& preview = add_verb_for_message(line, collection, "create-preview",
                                         "Write a picture of a benign message, a PNG file",
                                         &run_create_preview);
    add_dry_run(line, preview);
}

}  // namespace cfes
