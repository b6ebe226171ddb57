#include "cli/migrate/translate.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include "base/utf8.hpp"
#include "cli/migrate/key_table.hpp"

namespace npu::cli::migrate {
namespace {

constexpr std::string_view kLoopback = "127.0.0.1";

bool fits(const KeyRow& row, std::string_view name) {
  if (!row.from.ends_with(".*")) return row.from == name;
  return name.starts_with(std::string_view(row.from).substr(0, row.from.size() - 1));
}

// The manager's http.bind as the Python manager took it: what is no host:port turned the page off.
std::string bind_of(const std::string& value) {
  const auto colon = value.rfind(':');
  const std::string host = colon == std::string::npos ? "" : value.substr(0, colon);
  const std::string port = colon == std::string::npos ? value : value.substr(colon + 1);
  const bool number = !port.empty() && port.size() <= 5 &&
                      std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; });
  if (!number || std::stoi(port) < 1 || std::stoi(port) > 65535) return "off";
  return fmt::format("{}:{}", host.empty() ? kLoopback : host, port);
}

class Translation {
 public:
  Translation(const OldService& service, const TranslateOptions& options)
      : service_(service), options_(options) {}

  void take(const OldKey& key) {
    if (key.name == service_.host_key) return;
    const auto& rows = keys_of(service_.name);
    const auto row = std::ranges::find_if(rows, [&](const auto& at) { return fits(at, key.name); });
    if (row == rows.end()) return note(key, "no key of ours");
    if (row->to.empty()) return note(key, row->why);
    std::vector<std::string> values;
    for (const auto& value : key.values) {
      const auto known = row->value(value);
      if (!known) return note(key, fmt::format("{}; the default is used", known.error().message));
      values.push_back(moved(*known));
    }
    if (row->had_no_effect) count_now_.push_back(row->to);
    if (row->to == "model.name" && values.size() == 1 && values[0].starts_with('/')) {
      put("model.path", values, false);
      values[0] = std::filesystem::path(values[0]).stem().string();
    }
    put(row->to, values, key.is_list);
  }

  void take_host(const OldKey* key) {
    const bool said = key != nullptr && key->values.size() == 1;
    const std::string was = said ? key->values[0] : std::string(service_.default_host);
    if (service_.name == kManager) {
      if (said) take_bind(bind_of(was));
      return;
    }
    out_.was_open = is_all_addresses(was);
    if (!out_.was_open || options_.keep_open) {
      // Without a host ours listens on this machine only, theirs on all addresses.
      return put("server.host", {was.empty() ? "*" : was}, false);
    }
    put("server.host", {std::string(kLoopback)}, false);
    out_.notes.emplace_back("it listens on this machine only; it was open to the network");
  }

  void put(const std::string& name, const std::vector<std::string>& values, bool is_list) {
    // Of nodes, an assignment would make the one the other.
    std::vector<YAML::Node> way{root_};
    std::string_view rest = name;
    for (auto dot = rest.find('.'); dot != std::string_view::npos; dot = rest.find('.')) {
      way.push_back(way.back()[std::string(rest.substr(0, dot))]);
      rest.remove_prefix(dot + 1);
    }
    YAML::Node value;
    if (is_list) {
      for (const auto& element : values) value.push_back(element);
      value.SetStyle(YAML::EmitterStyle::Flow);
    } else {
      value = values.empty() ? std::string() : values[0];
    }
    way.back()[std::string(rest)] = value;
    out_.taken.push_back(for_terminal(fmt::format("{}: {}", name, fmt::join(values, ", "))));
  }

  Translated finish() {
    write_notes();
    YAML::Emitter yaml;
    yaml << root_;
    const std::string program(service_.name);
    out_.text = fmt::format(
        "# {}: taken over from {} by hailoctl migrate.\n"
        "# All keys, with what they mean:  {} --sample-config\n",
        program, options_.source, program);
    for (const auto& line : out_.notes) out_.text += fmt::format("#   {}\n", line);
    out_.text += fmt::format("{}\n# What has changed counts after:  systemctl restart {}\n",
                             root_.size() == 0 ? "{}" : yaml.c_str(), program);
    return std::move(out_);
  }

 private:
  void take_bind(const std::string& bind) {
    const auto colon = bind.rfind(':');
    out_.was_open = colon != std::string::npos && is_all_addresses(bind.substr(0, colon));
    if (!out_.was_open || options_.keep_open) return put("http.bind", {bind}, false);
    put("http.bind", {std::string(kLoopback) + bind.substr(colon)}, false);
    out_.notes.emplace_back("its status page is for this machine only; it was open to the network");
  }

  void note(const OldKey& key, const std::string& why) {
    const std::string said = fmt::format("{} ({})", key.name, fmt::join(key.values, ", "));
    const auto same = std::ranges::find(not_taken_, why, &Reason::first);
    if (same == not_taken_.end()) {
      not_taken_.emplace_back(why, said);
    } else {
      same->second += ", " + said;
    }
  }

  void write_notes() {
    if (!count_now_.empty()) {
      out_.notes.push_back(fmt::format("without effect until now, and with one from now on: {}",
                                       fmt::join(count_now_, ", ")));
    }
    for (const auto& [why, keys] : not_taken_) {
      out_.notes.push_back(for_terminal(fmt::format("not taken over: {}: {}", keys, why)));
    }
  }

  std::string moved(const std::string& value) const {
    const auto found = options_.moved.find(value);
    return found == options_.moved.end() ? value : found->second;
  }

  using Reason = std::pair<std::string, std::string>;  // and the keys that it is of

  const OldService& service_;
  const TranslateOptions& options_;
  std::vector<std::string> count_now_;
  std::vector<Reason> not_taken_;
  YAML::Node root_{YAML::NodeType::Map};
  Translated out_;
};

}  // namespace

bool is_all_addresses(std::string_view host) {
  return host.empty() || host == "0.0.0.0" || host == "::" || host == "[::]" || host == "*";
}

Translated translate(const OldService& service, const std::vector<OldKey>& keys,
                     const TranslateOptions& options) {
  Translation out(service, options);
  out.take_host(find_key(keys, service.host_key));
  for (const auto& key : keys) out.take(key);
  for (const auto& [name, value] : options.extra) out.put(name, {value}, false);
  return out.finish();
}

}  // namespace npu::cli::migrate
