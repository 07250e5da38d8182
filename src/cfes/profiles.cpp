#include "profiles.hpp"

#include "files.hpp"
#include "globals.hpp"

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <sys/stat.h>
#include <toml++/toml.h>
#include <unistd.h>
#include <utility>

namespace cfes {

namespace fs = std::filesystem;

namespace {

/// Far more than anybody has accounts for.
constexpr std::size_t longest_file = 1U << 20U;

fs::path from_environment(char const* name) {
    auto const* const value = std::getenv(name);
    // A relative one is to be ignored, says the XDG specification.
    fs::path path = value ? value : "";
    return path.is_absolute() ? path : fs::path{};
}

/// What is given as `~/…` is in the home directory.
std::string expand_home(std::string path) {
    auto const home = from_environment("HOME");
    if (!path.starts_with("~/") || home.empty()) return path;
    return (home / path.substr(2)).string();
}

void require_own(std::string const& path) {
    struct stat about {};
    if (::stat(path.c_str(), &about) != 0) {
        throw usage_error("cannot read " + path + ": " + reason_of(errno));
    }
    bool const is_foreign = about.st_uid != ::geteuid() && about.st_uid != 0;
    if (is_foreign || (about.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        throw usage_error("others can change " + path +
                          ", which names commands to run: chmod go-w");
    }
}

std::string names_of(toml::table const& profiles) {
    std::string names;
    for (auto const& [name, value] : profiles) {
        names += (names.empty() ? "" : ", ") + std::string{name.str()};
    }
    return names.empty() ? "none" : names;
}

/// @throws usage_error for what a profile cannot have, without repeating its value.
profile to_profile(std::string const& where, std::string const& id, toml::table const& from) {
    profile made;
    made.id = id;
    std::pair<std::string_view, std::string*> const known[] = {
        {"account", &made.account},       {"name", &made.name},
        {"token-file", &made.token_file}, {"token-command", &made.token_command},
        {"base-url", &made.base_url},     {"output", &made.output},
    };
    for (auto const& [key, value] : from) {
        std::string const name{key.str()};
        auto const refuse = [&](std::string const& why) {
            throw usage_error(where + ": profile '" + id + "': " + why);
        };
        if (name == "token" || name == "key" || name == "api-token") {
            refuse(
                "a token does not belong here: name its file (token-file) or a command that "
                "prints it (token-command)");
        }
        auto* const* into = static_cast<std::string* const*>(nullptr);
        for (auto const& [option, place] : known) {
            if (option == name) into = &place;
        }
        if (!into) refuse("there is no key '" + name + '\'');
        auto const text = value.value<std::string>();
        if (!text || text->empty()) refuse('\'' + name + "' must be a text");
        **into = *text;
    }
    if (!made.token_file.empty() && !made.token_command.empty()) {
        throw usage_error(where + ": profile '" + id +
                          "': token-file and token-command exclude each other");
    }
    made.token_file = expand_home(std::move(made.token_file));
    return made;
}

}  // namespace

fs::path config_path() {
    auto base = from_environment("XDG_CONFIG_HOME");
    if (base.empty()) {
        auto const home = from_environment("HOME");
        if (home.empty()) {
            throw usage_error("no profiles: neither XDG_CONFIG_HOME nor HOME is set");
        }
        base = home / ".config";
    }
    return base / "cfes" / "config.toml";
}

profile read_profile(std::string const& id) {
    auto const path = config_path().string();
    require_own(path);
    auto const text = read_regular_file(path, longest_file);
    auto const parsed = toml::parse(std::string_view{text});
    if (!parsed) {
        auto const& wrong = parsed.error();
        throw usage_error(path + ": line " + std::to_string(wrong.source().begin.line) + ": " +
                          std::string{wrong.description()});
    }
    auto const* const profiles = parsed.table()["profiles"].as_table();
    auto const* const found = profiles ? (*profiles)[id].as_table() : nullptr;
    if (!found) {
        throw usage_error(path + " has no [profiles." + id +
                          "]; it has: " + (profiles ? names_of(*profiles) : "none"));
    }
    return to_profile(path, id, *found);
}

}  // namespace cfes
