#include <algorithm>
#include <memory>

#include "base/utf8.hpp"
#include "cli/commands.hpp"
#include "cli/services/at_once.hpp"
#include "cli/services/services_text.hpp"
#include "cli/services/verify.hpp"
#include "cli/text.hpp"

namespace npu::cli {
namespace {

constexpr Millis kToPing = std::chrono::seconds(5);

Attempt ping_manager(const Context& context, Millis left) {
  ClientOptions options = context.client_options();
  options.timeout = std::clamp(left, Millis(1000), kToPing);
  const auto begin = std::chrono::steady_clock::now();
  BlockingDeviceClient client(options);
  const auto server = client.connect();
  if (!server) {
    return {.again = server.error().code == ErrorCode::kUnavailable,
            .what = server.error().message,
            .advice = connect_advice(server.error().code, context.socket_path())};
  }
  const auto device = client.device_status();
  Attempt attempt;
  attempt.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (!device) {
    attempt.again = device.error().code == ErrorCode::kUnavailable;
    attempt.what = device.error().message;
    attempt.advice = reply_advice(device.error().code);
    return attempt;
  }
  attempt.passed = true;
  attempt.what = "answers for its device";
  return attempt;
}

Verdict not_asked(const ServiceState& state, bool named) {
  Verdict verdict;
  verdict.result = named ? Verdict::Outcome::kBroken : Verdict::Outcome::kSkipped;
  verdict.what = state_text(state);
  if (!named) return verdict;
  verdict.advice =
      state.installed()
          ? fmt::format("Start it:  sudo hailoctl services start {}", state.service->name)
          : fmt::format("Install it:  sudo apt install {}", state.service->name);
  return verdict;
}

Verdict verify_one(const Context& context, const ServiceState& state, bool named, Millis limit) {
  const bool failed = state.unit && state.unit->active == "failed";
  const bool wanted = !state.unit || state.unit->wanted();
  if (!state.installed() || (!wanted && !failed)) return not_asked(state, named);
  if (failed || !state.config) {
    return {.result = Verdict::Outcome::kBroken,
            .what = state.config ? state_text(state) : state.config_error.message,
            .advice = service_advice(state)};
  }
  const auto patience = real_patience(limit);
  if (state.service->is_manager()) {
    return verify([&](Millis left) { return ping_manager(context, left); }, patience);
  }
  if (state.port == 0) {
    return {.result = Verdict::Outcome::kBroken,
            .what = "its port is not known: server.port is 0, which takes any free one",
            .advice = fmt::format("Set server.port in {}", state.service->config_file())};
  }
  return verify([&](Millis left) { return try_request(state, ask_http, left); }, patience);
}

const char* name_of(Verdict::Outcome result) {
  switch (result) {
    case Verdict::Outcome::kPassed: return "passed";
    case Verdict::Outcome::kBroken: return "failed";
    case Verdict::Outcome::kSkipped: return "skipped";
  }
  return "";
}

// What a cell has room for; all of it is told below the table.
std::string first_words(const std::string& what) {
  constexpr std::size_t kMost = 50;
  if (what.size() <= kMost) return what;
  return std::string(utf8_prefix(what, std::min(what.find(": "), kMost)));
}

void print(const std::vector<ServiceState>& states, const std::vector<Verdict>& verdicts) {
  std::vector<std::vector<std::string>> rows{{"SERVICE", "RESULT", "REQUEST", "WAITED", "WHAT"}};
  std::string below;
  for (std::size_t i = 0; i < states.size(); ++i) {
    const Verdict& verdict = verdicts[i];
    const bool passed = verdict.result == Verdict::Outcome::kPassed;
    const bool waited = verdict.waited_seconds > 0;
    rows.push_back({std::string(states[i].service->name), name_of(verdict.result),
                    passed ? milliseconds(verdict.request_seconds * 1000) : "-",
                    waited ? fmt::format("{:.1f} s", verdict.waited_seconds) : "-",
                    first_words(verdict.what)});
    if (verdict.result != Verdict::Outcome::kBroken) continue;
    below += fmt::format("\n{}: {}\n", states[i].service->name, for_terminal(verdict.what));
    if (!verdict.advice.empty()) below += fmt::format("  {}\n", for_terminal(verdict.advice));
  }
  fmt::print("{}{}", table(std::move(rows)), below);
}

boost::json::array to_json(const std::vector<ServiceState>& states,
                           const std::vector<Verdict>& verdicts) {
  boost::json::array all;
  for (std::size_t i = 0; i < states.size(); ++i) {
    const Verdict& verdict = verdicts[i];
    all.push_back(boost::json::object{{"service", states[i].service->name},
                                      {"result", name_of(verdict.result)},
                                      {"what", verdict.what},
                                      {"advice", verdict.advice},
                                      {"request_seconds", verdict.request_seconds},
                                      {"waited_seconds", verdict.waited_seconds}});
  }
  return all;
}

int verify_all(const Context& context, const std::vector<std::string>& names, double wait) {
  const auto services = find_services(names);
  if (!services) return context.report(services.error(), {});
  const auto states = look_up(*services);
  const Millis limit(static_cast<std::int64_t>(wait * 1000));
  std::vector<Verdict> verdicts(states.size());
  at_once(states.size(), [&](std::size_t i) {
    verdicts[i] = verify_one(context, states[i], !names.empty(), limit);
  });
  if (context.json) {
    print_json(to_json(states, verdicts));
  } else {
    print(states, verdicts);
  }
  const auto any = [&](Verdict::Outcome result) {
    return std::ranges::find(verdicts, result, &Verdict::result) != verdicts.end();
  };
  return !any(Verdict::Outcome::kBroken) && any(Verdict::Outcome::kPassed) ? kOk : kFailed;
}

}  // namespace

void add_verify(CLI::App& app, Context& context) {
  struct Arguments {
    std::vector<std::string> names;
    double wait = 60;
  };
  const auto arguments = std::make_shared<Arguments>();
  auto* command = app.add_subcommand("verify", "Send every service a real request");
  command->footer(
      "Each service that runs or is starting gets a request with a picture, all at once. A socket "
      "that\n"
      "is not there yet and a model that is being loaded are waited for. Named services have to "
      "run.\n\n"
      "Examples:  hailoctl verify\n"
      "           hailoctl verify --wait 5 detect pose\n\n"
      "Exit status: 0 all that were asked have answered, 1 one has not or none was asked, 2 wrong "
      "command line.");
  command->add_option("SERVICE", arguments->names, "Name of a service, such as detect");
  command->add_option("--wait", arguments->wait, "Seconds to wait for sockets and models")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  command->callback([&context, arguments] {
    context.exit_code = verify_all(context, arguments->names, arguments->wait);
  });
}

}  // namespace npu::cli
