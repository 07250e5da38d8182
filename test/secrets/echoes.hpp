#pragma once

#include "scripted_server.hpp"

#include <functional>
#include <iomanip>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

namespace cloudflare::test {

/// An answer that repeats what the client had to tell in confidence.
struct echo {
    std::string name;
    /// From a header line, as the client sent it, and its secret alone.
    std::function<std::string(std::string const& line, std::string const& secret)> answer;
};

inline std::ostream& operator<<(std::ostream& out, echo const& value) {
    return out << value.name;
}

/// The credentials of a request, as a header line and alone.
inline std::string secret_line(seen_request const& asked) {
    auto const bearer = asked.header("Authorization");
    return bearer != "(absent)" ? "Authorization: " + bearer
                                : "X-Auth-Key: " + asked.header("X-Auth-Key");
}

inline std::string answer_with(echo const& what, seen_request const& asked) {
    auto const line = secret_line(asked);
    return what.answer(line, line.substr(line.rfind(' ') + 1));
}

/// Each character by its number.
inline std::string json_escaped(std::string const& text) {
    std::ostringstream out;
    out << std::hex << std::setfill('0');
    for (char const c : text) {
        out << "\\u" << std::setw(4) << static_cast<unsigned>(static_cast<unsigned char>(c));
    }
    return std::move(out).str();
}

inline std::vector<echo> const& echoes() {
    using text = std::string const&;
    static auto const html = [](std::string const& title) {
        return "<html><head><title>" + title + "</title></head><body>" + title + "</body></html>";
    };
    static auto const envelope = [](std::string const& errors, std::string const& messages) {
        return R"({"success":false,"errors":[)" + errors + R"(],"messages":[)" + messages +
               R"(],"result":null})";
    };
    static std::vector<echo> const all{
        {"an API error",
         [](text line, text) { return failure(403, 9109, "No access with " + line); }},
        {"an API error, escaped",
         [](text line, text) { return failure(401, 10000, json_escaped(line)); }},
        {"a long API error, escaped",
         [](text line, text) {
             return failure(401, 10000, std::string(960, 'x') + json_escaped(line));
         }},
        {"an error that is none of the API's, its first letter escaped",
         [](text, text secret) {
             auto const first = json_escaped(secret.substr(0, 1));
             return http_answer(401, R"({"error":")" + first + secret.substr(1) + "\"}");
         }},
        {"an API error that is worth a retry",
         [](text line, text) { return failure(503, 1, line + line, "CF-Ray: x" + line + "\r\n"); }},
        {"an API error with 200",
         [](text line, text) {
             return http_answer(200, envelope(R"({"code":1,"message":")" + line + R"("})", ""));
         }},
        {"a documentation's address",
         [](text, text secret) {
             return http_answer(400, envelope(R"({"code":1,"message":"m","documentation_url":")" +
                                                  secret + R"("})",
                                              ""));
         }},
        {"a pointer",
         [](text, text secret) {
             return http_answer(400, envelope(R"({"code":1,"message":"m","source":{"pointer":"/)" +
                                                  secret + R"("}})",
                                              ""));
         }},
        {"a message beside the error",
         [](text line, text) {
             return http_answer(404, envelope("", R"({"code":1,"message":")" + line + R"("})"));
         }},
        {"a message beside a result",
         [](text line, text) {
             return http_answer(200,
                                R"({"success":true,"messages":[{"code":1,"message":")" + line +
                                    R"("}],"result":null})",
                                "CF-Ray: " + line + "\r\n");
         }},
        {"a long message beside a result",
         [](text, text secret) {
             return http_answer(200, R"({"success":true,"messages":[{"code":1,"message":")" +
                                         std::string(980, 'x') + secret +
                                         R"("}],"result":null})");
         }},
        {"the name of a member",
         [](text line, text) {
             return http_answer(200, R"({"success":true,"result":[{")" + line + R"(":[}]})");
         }},
        {"JSON of a wrong type",
         [](text line, text) { return http_answer(200, R"({"success":")" + line + R"("})"); }},
        {"the title of a page", [](text line, text) { return http_answer(502, html(line)); }},
        {"the title of a page instead of a result",
         [](text line, text) { return http_answer(200, html("Sign in, " + line)); }},
        {"a long title",
         [](text, text secret) {
             return http_answer(403, html(std::string(145, 'x') + secret + "."));
         }},
        {"the end of what is looked at of a page",
         [](text, text secret) {
             return http_answer(500, std::string(4096 - 15, ' ') + secret + "\n");
         }},
        {"plain text", [](text line, text) { return http_answer(400, "Bad header: " + line); }},
        {"the reason phrase",
         [](text line, text) { return "HTTP/1.1 401 " + line + "\r\nContent-Length: 0\r\n\r\n"; }},
        {"a redirect",
         [](text, text secret) {
             return http_answer(302, "", "Location: https://x.test/?t=" + secret + "\r\n");
         }},
        {"a ray ID",
         [](text line, text) { return failure(429, 971, "m", "CF-Ray: " + line + "\r\n"); }},
        {"a compressed answer",
         [](text line, text) {
             return http_answer(200, line, "CF-Ray: " + line + "\r\nContent-Encoding: gzip\r\n");
         }},
        {"every other field",
         [](text line, text) {
             std::string fields;
             for (auto const* const name :
                  {"Retry-After", "Retry-After-Ms", "Ratelimit", "Ratelimit-Policy", "Content-Type",
                   "X-Should-Retry", "Set-Cookie", "Server", "Date", "Location", "X"}) {
                 fields += std::string{name} + ": " + line + "\r\n";
             }
             return http_answer(500, line, fields);
         }},
        {"no HTTP", [](text line, text) { return line + "\r\n\r\n"; }},
        {"a broken field",
         [](text line, text) {
             return "HTTP/1.1 200 OK\r\n" + line + "\r\n" + line + "\r\nx\r\n\r\n";
         }},
    };
    return all;
}

}  // namespace cloudflare::test
