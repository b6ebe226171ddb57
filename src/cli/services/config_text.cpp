#include "cli/services/config_text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cli/services/redact.hpp"
#include "cli/text.hpp"

namespace npu::cli {
namespace {

constexpr std::string_view kEmptyList = "[]";

bool is_set(const ConfigKey& key) { return key.from != "default"; }

// "file", "HAILO_DETECT_PORT", "--port"
std::string origin(const ConfigKey& key) {
  return key.from == "file" || key.where.empty() ? key.from : key.where;
}

std::string quoted_if_empty(const std::string& value) { return value.empty() ? "\"\"" : value; }

std::vector<std::string> row_of_key(const ServiceState& state, const ConfigKey& key) {
  return {std::string(state.service->name), key.key, quoted_if_empty(shown_value(key)),
          key.from == "default" ? "default" : key.where};
}

// What is said of a key once, although several programs have it.
struct Explained {
  const ConfigKey* key = nullptr;
  std::vector<std::vector<std::string>> rows;
};

std::string block(const Explained& one) {
  std::string text = fmt::format("{}\n  {}", one.key->key, one.key->help);
  if (!one.key->right.empty()) text += fmt::format(" ({})", one.key->right);
  text += "\n";
  std::string lines = table(one.rows);
  for (std::size_t begin = 0; begin < lines.size();) {
    const auto end = std::min(lines.find('\n', begin), lines.size());
    text += "    " + lines.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
  return text;
}

std::vector<std::string> row_of_use(const ServiceState& state, const ConfigKey& key) {
  std::string also = key.flag;
  if (!key.env.empty()) also += (also.empty() ? "" : ", ") + key.env;
  return {std::string(state.service->name), quoted_if_empty(shown_value(key)), origin(key),
          "default " + key.default_value, also.empty() ? "in the file only" : also};
}

}  // namespace

std::string shown_value(const ConfigKey& key) {
  const bool nothing = key.value.empty() || key.value == kEmptyList;
  if (nothing) return key.value;
  if (names_a_secret(key.key)) return std::string(kRemoved);
  std::string value = Redactor().text(key.value);  // addresses with passwords
  value.pop_back();
  return value;
}

std::string config_table(const std::vector<ServiceState>& states, bool all) {
  std::vector<std::vector<std::string>> rows{{"SERVICE", "KEY", "VALUE", "FROM"}};
  for (const auto& state : states) {
    if (!state.config) continue;
    for (const auto& key : state.config->keys) {
      if (all || is_set(key)) rows.push_back(row_of_key(state, key));
    }
  }
  return rows.size() > 1 ? table(std::move(rows)) : std::string();
}

boost::json::object config_json(const ServiceState& state, bool all) {
  boost::json::array keys;
  for (const auto& key : state.config->keys) {
    if (!all && !is_set(key)) continue;
    keys.push_back(boost::json::object{{"key", key.key},
                                       {"value", shown_value(key)},
                                       {"default", key.default_value},
                                       {"from", key.from},
                                       {"where", key.where}});
  }
  return {{"service", state.service->name}, {"keys", std::move(keys)}};
}

bool is_meant(std::string_view word, std::string_view key) {
  if (word == key) return true;
  if (key.size() <= word.size()) return false;
  return (key.starts_with(word) && key[word.size()] == '.') ||
         (key.ends_with(word) && key[key.size() - word.size() - 1] == '.');
}

std::string explanation(const std::vector<ServiceState>& states,
                        const std::vector<std::string>& words) {
  std::vector<Explained> all;
  for (const auto& state : states) {
    if (!state.config) continue;
    for (const auto& key : state.config->keys) {
      const bool meant = words.empty() || std::ranges::any_of(words, [&](const auto& word) {
                           return is_meant(word, key.key);
                         });
      if (!meant) continue;
      auto same = std::ranges::find_if(all, [&](const Explained& one) {
        return one.key->key == key.key && one.key->help == key.help;
      });
      if (same == all.end()) same = all.insert(all.end(), {&key, {}});
      same->rows.push_back(row_of_use(state, key));
    }
  }
  std::string text;
  for (const auto& one : all) text += (text.empty() ? "" : "\n") + block(one);
  return text;
}

}  // namespace npu::cli
