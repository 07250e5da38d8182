#include "feed_commands.hpp"

namespace cfes {

namespace {

es::sync_report report_of(usage_error const& why) {
    es::sync_report report;
    auto const* const feed = dynamic_cast<refused_feed const*>(&why);
    if (feed) report.rejected = feed->rejected();
    return report;
}

std::string with_reason(std::string const& object, usage_error const& why) {
    std::vector<std::string> parts{object};
    auto const* const feed = dynamic_cast<refused_feed const*>(&why);
    if (feed) parts.push_back(cf::wire::to_json(feed->notes()));
    parts.push_back(failure_object(why.what()));
    return join_objects(parts);
}

}  // namespace

bool looks_like_formula(std::string_view cell) {
    return !cell.empty() &&
           std::string_view{"=+-@\t\r"}.find(cell.front()) != std::string_view::npos;
}

std::string describe_refused_plan(usage_error const& why) {
    return with_reason(cf::wire::to_json(report_of(why)), why);
}

std::string describe_refused_sync(usage_error const& why) {
    return with_reason(to_object(report_of(why)), why);
}

}  // namespace cfes
