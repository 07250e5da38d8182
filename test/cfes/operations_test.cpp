#include "cfes/cfes.hpp"

#include <cloudflare/email_security/operations.hpp>

#include <set>
#include <sstream>

using namespace test;

/// That every operation of the API is the work of some command.
BOOST_AUTO_TEST_SUITE(operations)

namespace {

namespace cf = cloudflare;
namespace es = cloudflare::email_security;

struct collection {
    std::string name;
    std::string create;
    std::string edit;
    bool has_batch = true;
    /// Empty where the API has no PUT.
    std::string replace = {};
};

std::vector<collection> const collections{
    {"block-senders", "--pattern a.example", "--comments x", true, "--pattern b.example"},
    {"allow-policies", "--pattern a.example --is-trusted-sender", "--comments x", true,
     "--pattern b.example"},
    {"trusted-domains", "--pattern a.example --is-recent", "--comments x", true,
     "--pattern b.example"},
    {"content-policies", "--name n --pattern p --targets SUBJECT", "--enabled false"},
    {"impersonation-registry", "--name Ann --email ann@a.example", "--comments x", false},
    {"sending-domain-restrictions", "--domain a.example --exclude b.a.example", "--comments x"},
    {"url-ignore-patterns", "--pattern https://a", "--comments x"},
    {"domains", "--domain a.example --allowed-delivery-modes DIRECT --regions GLOBAL",
     "--lookback-hops 2", true, "--allowed-delivery-modes BCC --regions US"},
};

/// Commands in the order in which they can be run. ID stands for what the commands before have last
/// told of, POSTFIX_ID for its other name, BATCH for a file with a batch that deletes ID.
std::vector<std::string> all_commands() {
    std::vector<std::string> all;
    for (auto const& [name, create, edit, has_batch, replace] : collections) {
        all.push_back(name + " create " + create);
        all.push_back(name + " get ID");
        all.push_back(name + " list");
        all.push_back(name + " edit ID " + edit);
        if (has_batch) {
            all.push_back(name + " batch BATCH");
            all.push_back(name + " create " + create);
        }
        if (!replace.empty()) all.push_back(name + " replace ID " + replace);
        if (name == "domains") all.push_back("domains verification ID");
        all.push_back(name + " delete ID");
    }
    for (auto const* const each :
         {"domains bulk-delete",
          "submissions list",
          "phishguard-reports list",
          "analytics monthly-report",
          "investigate list --detections-only false --final-disposition NONE",
          "investigate create-preview ID",
          "submissions report-missed --postfix-id POSTFIX_ID --message-id m --recipient-emails "
          "a@corp.example --expected-disposition SPAM",
          "investigate list --delivery-status quarantined",
          "investigate get ID",
          "investigate detections ID",
          "investigate action-log ID",
          "investigate trace ID",
          "investigate raw ID",
          "investigate preview ID",
          "investigate release ID",
          "investigate move ID --destination Inbox",
          "investigate move ID ID --destination JunkEmail",
          "investigate reclassify ID --expected-disposition SPAM",
          "investigate bulk-create --action RELEASE --all-messages",
          "investigate bulk-list",
          "investigate bulk-get ID",
          "investigate bulk-messages ID",
          "investigate bulk-cancel ID",
          "investigate bulk-delete ID"}) {
        all.emplace_back(each);
    }
    return all;
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    std::istringstream in{std::string{text}};
    for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
    return parts;
}

/// Whether the request is one of the operation: each part in braces stands for any text.
bool is_of(sim::logged_request const& sent, cf::named_operation const& which) {
    auto const wanted = split(which.what.path, '/');
    auto path = std::string_view{sent.target}.substr(0, sent.target.find('?'));
    path.remove_prefix(std::string_view{"/client/v4"}.size());
    auto const given = split(path, '/');
    if (sent.method != to_string(which.what.method) || given.size() != wanted.size()) return false;
    for (std::size_t i = 0; i != wanted.size(); ++i) {
        if (!wanted[i].starts_with('{') && wanted[i] != given[i]) return false;
    }
    return true;
}

/// The operation that a request is of; one that names more of the path comes before the others.
std::string operation_of(sim::logged_request const& sent) {
    cf::named_operation const* best = nullptr;
    auto const braces = [](cf::named_operation const& each) {
        return std::count(each.what.path.begin(), each.what.path.end(), '{');
    };
    for (auto const& each : es::all_operations) {
        if (is_of(sent, each) && (!best || braces(each) < braces(*best))) best = &each;
    }
    return best ? std::string{best->area} + "::" + std::string{best->function} : "none";
}

/// What the placeholders of the commands stand for.
class remembered {
public:
    void learn_from(json::value const& document) {
        auto const& line_of =
            document.is_array() && !document.as_array().empty() ? document.as_array()[0] : document;
        auto const* const object = line_of.if_object();
        for (auto const* const name : {"id", "job_id"}) {
            if (object && object->contains(name) && object->at(name).is_string()) {
                id_ = text_of(object->at(name));
            }
        }
        if (object && object->contains("postfix_id")) {
            postfix_id_ = text_of(object->at("postfix_id"));
        }
    }

    std::vector<std::string> fill(std::string const& command, scratch const& files) const {
        auto words = split(command, ' ');
        for (auto& each : words) {
            if (each == "ID") each = id_;
            if (each == "POSTFIX_ID") each = postfix_id_;
            if (each == "BATCH") {
                each = files.file("batch.json", R"({"deletes":[{"id":")" + id_ + R"("}]})");
            }
        }
        return words;
    }

private:
    std::string id_;
    std::string postfix_id_;
};

}  // namespace

BOOST_AUTO_TEST_CASE(each_is_reached_by_a_command) {
    fixture f;
    remembered known;
    std::set<std::string> reached;
    for (auto const& command : all_commands()) {
        auto arguments = known.fill(command, f.files);
        arguments.emplace_back("--yes");
        known.learn_from(f.document(arguments));
        for (auto const& each : f.server.take_log()) {
            auto const operation = operation_of(each);
            BOOST_TEST(each.status / 100 == 2U, command);
            if (reached.insert(operation).second) {
                BOOST_TEST_MESSAGE(operation << " by cfes " << command);
            }
        }
    }
    for (auto const& each : es::all_operations) {
        auto const name = std::string{each.area} + "::" + std::string{each.function};
        BOOST_TEST(reached.contains(name), "no command reaches " << name);
    }
    BOOST_TEST(reached.size() == es::all_operations.size());
}

BOOST_AUTO_TEST_SUITE_END()
