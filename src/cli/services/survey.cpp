#include "cli/services/survey.hpp"

#include <algorithm>
#include <charconv>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/ascii.hpp"
#include "cli/services/at_once.hpp"
#include "cli/services/http_ask.hpp"
#include "json/fields.hpp"
#include "json/parse.hpp"
#include "store/pull_command.hpp"

namespace npu::cli {
namespace {

constexpr const char* kLoopback = "127.0.0.1";
constexpr std::string_view kNotFound = " not found";  // of a model's files, in the manager's words

int port_number(std::string_view text) {
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool good = error == std::errc{} && end == text.data() + text.size();
  return good && port > 0 && port <= 65535 ? port : 0;
}

// "127.0.0.1:5099", "5099", "off".
void read_http_bind(ServiceState& state, const std::string& bind) {
  const auto colon = bind.rfind(':');
  state.port = port_number(colon == std::string::npos ? bind : bind.substr(colon + 1));
  if (state.port == 0) return;
  state.host = colon == std::string::npos || colon == 0 ? kLoopback : bind.substr(0, colon);
}

void read_address(ServiceState& state) {
  if (state.service->is_manager()) {
    read_http_bind(state, state.config->value("http.bind"));
    return;
  }
  state.host = state.config->value("server.host");
  if (state.host.empty()) state.host = kLoopback;
  state.port = port_number(state.config->value("server.port"));
}

// Where a client of this machine reaches what listens on the host.
std::string reachable(std::string host) {
  host = trim(std::string_view(host).substr(0, host.find(',')));
  if (host == "*" || host == "0.0.0.0") return kLoopback;
  if (host == "::" || host == "[::]") return "[::1]";
  if (host.find(':') != std::string::npos && !host.starts_with('[')) return "[" + host + "]";
  return host;
}

ServiceState look_up_one(const KnownService& service, std::optional<UnitState> unit) {
  ServiceState state;
  state.service = &service;
  state.unit = std::move(unit);
  if (state.unit && !state.unit->installed()) {
    state.config_error = {ErrorCode::kNotFound, "it is not installed"};
    return state;
  }
  auto config = program_config(service, state.unit ? &*state.unit : nullptr);
  if (!config) {
    state.config_error = config.error();
    return state;
  }
  state.config = std::move(*config);
  read_address(state);
  if (!service.is_manager()) state.model = state.config->value("model.name");
  return state;
}

std::string in_words(std::string_view reason) {
  std::string words(reason);
  std::ranges::replace(words, '_', ' ');
  return words;
}

// What it runs, which counts more than what it was told to.
void ask_model(ServiceState& state, Millis limit) {
  const auto answer = ask_http({.url = state.url("/health"), .bearer = {}, .limit = limit});
  if (!answer) return;
  const auto parsed = json::parse(answer->body, json::kOfHttpBodies);
  if (!parsed || !parsed->is_object()) return;
  json::Fields fields(parsed->as_object());
  if (const auto model = fields.text("model")) state.model = *model;
}

void ask_ready_one(ServiceState& state, Millis limit) {
  if (state.port == 0 || (state.unit && !state.unit->wanted())) return;
  const auto answer = ask_http({.url = state.url("/health/ready"), .bearer = {}, .limit = limit});
  if (answer) {
    read_readiness(state, answer->status, answer->body);
    if (state.ready) ask_model(state, limit);
  } else {
    state.why_not = answer.error().message;
  }
  // Another one of these services may have answered.
  state.in_way = strangers_on_port(state);
  if (!state.in_way.empty()) {
    state.ready = false;
    state.why_not = fmt::format("port {} is held by {}", state.port, state.in_way.front().text());
  }
}

}  // namespace

bool ServiceState::installed() const {
  return unit ? unit->installed() : config_error.code != ErrorCode::kNotFound;
}

std::string ServiceState::address() const {
  if (port == 0) return {};
  const bool bare = host.find(':') != std::string::npos && !host.starts_with('[');
  const bool several = host.find(',') != std::string::npos;
  if (several) return fmt::format("{} port {}", host, port);
  return bare ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

std::string ServiceState::url(std::string_view path) const {
  return fmt::format("http://{}:{}{}", reachable(host), port, path);
}

std::string ServiceState::bearer() const {
  const auto keys = config ? config->list("server.api_keys") : std::vector<std::string>{};
  return keys.empty() ? std::string() : keys.front();
}

std::string port_advice(const ServiceState& state) {
  return fmt::format("Stop that program, or move {0}: {1} in {2}, then  sudo systemctl restart {0}",
                     state.service->name, state.service->port_key(), state.service->config_file());
}

std::string model_advice(const ServiceState& state) {
  if (!state.pull.empty()) return fmt::format("Fetch it:  sudo {}", state.pull);
  const bool named = state.config && state.config->find("model.name") != nullptr;
  return fmt::format("Choose another one{} in {}:  hailoctl models --available",
                     named ? ", model.name" : "", state.service->config_file());
}

void read_readiness(ServiceState& state, int status, const std::string& body) {
  const auto parsed = json::parse(body, json::kOfHttpBodies);
  if (!parsed || !parsed->is_object() || !parsed->as_object().contains("ready")) {
    state.why_not = fmt::format("what listens there is another program: it answers {}", status);
    return;
  }
  json::Fields fields(parsed->as_object());
  state.ready = fields.flag("ready").value_or(false);
  if (state.ready) return;
  const std::string detail(fields.text("detail").value_or(""));
  state.pull = store::pull_command_in(detail);
  state.model_missing = !state.pull.empty() || detail.find(kNotFound) != std::string::npos;
  state.why_not = in_words(fields.text("reason").value_or("not ready"));
  if (!detail.empty()) state.why_not += ": " + detail;
}

std::vector<PortHolder> strangers_on_port(const ServiceState& state) {
  const std::int64_t own = state.unit ? state.unit->main_pid : 0;
  std::vector<PortHolder> strangers;
  for (auto& holder : in_the_way(holders_of_port(state.port), state.host)) {
    const bool seen = holder.pid != 0;
    // It may have been started again since systemd was asked.
    bool itself = seen && (holder.pid == own || holder.unit == state.service->unit());
    // Without systemd it goes by its name.
    if (!state.unit) itself = !seen || holder.program.starts_with(state.service->name);
    // Who cannot be seen is taken for the service, where that runs.
    if (!itself && (seen || own == 0)) strangers.push_back(std::move(holder));
  }
  return strangers;
}

std::vector<ServiceState> look_up(const std::vector<const KnownService*>& services) {
  std::vector<std::string> names(services.size());
  std::ranges::transform(services, names.begin(), &KnownService::unit);
  auto units = Systemd().show(names);
  std::vector<ServiceState> states(services.size());
  at_once(services.size(), [&](std::size_t i) {
    states[i] = look_up_one(*services[i], units ? std::optional((*units)[i]) : std::nullopt);
  });
  return states;
}

void ask_ready(std::vector<ServiceState>& states, Millis limit) {
  at_once(states.size(), [&](std::size_t i) { ask_ready_one(states[i], limit); });
}

}  // namespace npu::cli
