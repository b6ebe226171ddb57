// What is known of the configuration of programs, as people and scripts read it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "cli/services/survey.hpp"

namespace npu::cli {

// The value for the eyes of others: "<removed>" where the key's name says that it is a secret.
std::string shown_value(const ConfigKey& key);

// A table of the keys that something has set, or of all.
std::string config_table(const std::vector<ServiceState>& states, bool all);
boost::json::object config_json(const ServiceState& state, bool all);

// Whether the word is the key, a section of it or its last part: "server.port", "server", "port".
bool is_meant(std::string_view word, std::string_view key);

// Each key that a word means (none: every key): what it means, may be and is, in which service.
std::string explanation(const std::vector<ServiceState>& states,
                        const std::vector<std::string>& words);

}  // namespace npu::cli
