#include "scenario.hpp"

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include "values.hpp"

namespace npu::scenario {
namespace {

using Words = std::vector<std::string>;

struct Bad {
  std::string message;
};

[[noreturn]] void bad(std::string message) { throw Bad{std::move(message)}; }

template <class T>
T need(std::optional<T> value, const std::string& what) {
  if (!value) bad("not understood: " + what);
  return *value;
}

Duration duration(const std::string& text) { return need(parse_duration(text), text); }
std::uint64_t size(const std::string& text) { return need(parse_size(text), text); }
std::size_t count(const std::string& text) {
  return static_cast<std::size_t>(need(parse_number(text), text));
}

Lane lane(const std::string& text) {
  for (const Lane each : kLanes) {
    if (name_of(each) == text) return each;
  }
  bad("no such lane: " + text);
}

broker::Priority priority(const std::string& text) {
  constexpr std::array<std::string_view, 3> kNames{"realtime", "interactive", "batch"};
  const auto found = std::ranges::find(kNames, text);
  if (found == kNames.end()) bad("no such priority: " + text);
  return static_cast<broker::Priority>(found - kNames.begin());
}

// "<uid>:<name>", or a name of user 0.
std::uint32_t user_of(const std::string& client) {
  const std::size_t colon = client.find(':');
  if (colon == std::string::npos) return 0;
  return static_cast<std::uint32_t>(count(client.substr(0, colon)));
}

// "key=value" or a bare "key", whose value is empty.
std::pair<std::string, std::string> attribute(const std::string& word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string::npos) return {word, ""};
  return {word.substr(0, equals), word.substr(equals + 1)};
}

class Parser {
 public:
  void line(const Words& words, std::size_t number, const std::string& text) {
    const std::string& first = words[0];
    if (first == "device") return device(words);
    if (first == "option") return option(words);
    if (first == "model") return model(words);
    if (first == "every") return every(words);
    if (first == "expect") return expect(words, number, text);
    if (const auto at = parse_duration(first)) return event(*at, words);
    bad("unknown directive: " + first);
  }

  Scenario finish() {
    std::ranges::stable_sort(scenario_.events, {}, &Event::at);
    return std::move(scenario_);
  }

 private:
  void device(const Words& words) {
    if (words.size() < 2) bad("device needs a name: hailo10h or cpu");
    if (words[1] != "hailo10h" && words[1] != "cpu") bad("no such device: " + words[1]);
    scenario_.device.one_chip = words[1] == "hailo10h";
    for (std::size_t i = 2; i < words.size(); ++i) {
      const auto [key, value] = attribute(words[i]);
      if (key == "memory")
        scenario_.options.memory_bytes = size(value);
      else if (key == "start")
        scenario_.device.start = duration(value);
      else if (key == "group_release" && value.empty())
        scenario_.options.group_release = true;
      else
        bad("unknown attribute of device: " + words[i]);
    }
  }

  void option(const Words& words) {
    using O = broker::Options;
    static const std::map<std::string, std::size_t O::*> kCounts{
        {"max_queued", &O::max_queued},
        {"max_queued_per_client", &O::max_queued_per_client},
        {"max_in_flight_per_lane", &O::max_in_flight_per_lane},
    };
    static const std::map<std::string, Duration O::*> kDurations{
        {"aging", &O::aging},
        {"keep_alive", &O::default_keep_alive},
        {"min_residency", &O::min_residency},
        {"load_watchdog", &O::load_watchdog},
        {"infer_watchdog", &O::infer_watchdog},
        {"generation_watchdog", &O::generation_watchdog},
        {"idle_lane", &O::idle_lane},
    };
    for (std::size_t i = 1; i < words.size(); ++i) {
      const auto [key, value] = attribute(words[i]);
      if (const auto found = kCounts.find(key); found != kCounts.end()) {
        scenario_.options.*found->second = count(value);
      } else if (const auto time = kDurations.find(key); time != kDurations.end()) {
        scenario_.options.*time->second = duration(value);
      } else if (key == "realtime_share") {
        scenario_.options.realtime_share = need(parse_number(value), value);
      } else {
        bad("unknown option: " + words[i]);
      }
    }
  }

  void model(const Words& words) {
    if (words.size() < 2) bad("model needs a name");
    ModelSpec made;
    made.spec = {.key = words[1], .type = "sim", .path = "/models/" + words[1] + ".hef"};
    for (std::size_t i = 2; i < words.size(); ++i) {
      const auto [key, value] = attribute(words[i]);
      if (key == "class")
        model_class(value, made);
      else if (key == "load")
        made.load = duration(value);
      else if (key == "run" || key == "token")
        made.piece = duration(value);
      else if (key == "memory")
        made.spec.memory_bound = size(value);
      else if (key == "measured")
        made.measured = size(value);
      else if (key == "resident" && value.empty())
        made.resident = true;
      else if (key == "pinned" && value.empty())
        made.resident = made.pinned = true;
      else
        bad("unknown attribute of model: " + words[i]);
    }
    if (made.resident) scenario_.resident.push_back(words[1]);
    if (!scenario_.models.emplace(words[1], made).second) bad("model named twice: " + words[1]);
  }

  static void model_class(const std::string& name, ModelSpec& to) {
    if (name == "kv") {
      to.spec.lane = Lane::kGeneration;
      to.spec.exclusive_group = "kv";
    } else if (name == "speech") {
      to.spec.lane = Lane::kSpeech;
    } else if (name != "tensor") {
      bad("no such class: " + name);
    }
  }

  void event(Duration at, const Words& words) {
    if (words.size() < 2) bad("nothing happens");
    Event made{.at = at};
    if (words[1] == "crash" || words[1] == "no_start" || words[1] == "can_start") {
      if (words.size() != 3) bad(words[1] + " needs a lane");
      made.kind = words[1] == "crash"      ? Event::Kind::kCrash
                  : words[1] == "no_start" ? Event::Kind::kNoStart
                                           : Event::Kind::kStart;
      made.lane = lane(words[2]);
    } else if (words[1] == "hang") {
      if (words.size() != 3) bad("hang needs a model");
      made.kind = Event::Kind::kHang;
      made.model = known_model(words[2]);
    } else if (words[1] == "drain" && words.size() == 2) {
      made.kind = Event::Kind::kDrain;
    } else if (words.size() == 3 && (words[2] == "disconnect" || words[2] == "cancel")) {
      made.kind = words[2] == "cancel" ? Event::Kind::kCancel : Event::Kind::kDisconnect;
      made.client = words[1];
    } else {
      std::size_t times = 1;
      request(words, made, [&](const std::string& key, const std::string& value) {
        if (key != "times") return false;
        times = count(value);
        return true;
      });
      scenario_.events.insert(scenario_.events.end(), times, made);
      return;
    }
    scenario_.events.push_back(made);
  }

  void every(const Words& words) {
    if (words.size() < 3) bad("every needs a period and a request");
    const Duration period = duration(words[1]);
    if (period <= Duration{0}) bad("every needs a period above 0");
    Event made;
    Duration from{};
    Duration until = std::chrono::seconds(10);
    request(Words(words.begin() + 1, words.end()), made,
            [&](const std::string& key, const std::string& value) {
              if (key == "from")
                from = duration(value);
              else if (key == "until")
                until = duration(value);
              else
                return false;
              return true;
            });
    for (made.at = from; made.at < until; made.at += period) scenario_.events.push_back(made);
  }

  // words: <anything> <client> <action> <model> <attributes>
  template <class Extra>
  void request(const Words& words, Event& to, const Extra& extra) {
    if (words.size() < 4) bad("a request is: <client> infer|load|unload <model>");
    to.client = words[1];
    to.user = user_of(words[1]);
    if (words[2] == "infer")
      to.request = broker::RequestKind::kInfer;
    else if (words[2] == "load")
      to.request = broker::RequestKind::kLoad;
    else if (words[2] == "unload")
      to.request = broker::RequestKind::kUnload;
    else
      bad("unknown action: " + words[2]);
    to.model = known_model(words[3]);
    for (std::size_t i = 4; i < words.size(); ++i) {
      const auto [key, value] = attribute(words[i]);
      if (key == "tokens")
        to.tokens = std::max<std::size_t>(1, count(value));
      else if (key == "priority")
        to.priority = priority(value);
      else if (key == "deadline")
        to.deadline = duration(value);
      else if (key == "keep_alive")
        to.keep_alive = duration(value);
      else if (key == "pin" && value.empty())
        to.pin = true;
      else if (key == "unpin" && value.empty())
        to.pin = false;
      else if (key == "stream" && value.empty())
        to.stream = true;
      else if (!extra(key, value))
        bad("unknown attribute of a request: " + words[i]);
    }
  }

  const std::string& known_model(const std::string& name) const {
    if (!scenario_.models.contains(name)) bad("no such model (yet): " + name);
    return name;
  }

  void expect(const Words& words, std::size_t number, const std::string& text) {
    static const std::array<std::string_view, 6> kComparisons{"=", "!=", "<", "<=", ">", ">="};
    if (words.size() < 4) bad("expect needs a subject, a comparison and a value");
    Expectation made{text, number, Words(words.begin() + 1, words.end() - 2),
                     words[words.size() - 2], 0};
    if (std::ranges::find(kComparisons, made.comparison) == kComparisons.end()) {
      bad("unknown comparison: " + made.comparison);
    }
    if (const auto time = parse_duration(words.back())) {
      made.value = std::chrono::duration<double>(*time).count();
    } else {
      made.value = need(parse_number(words.back()), words.back());
    }
    scenario_.expectations.push_back(std::move(made));
  }

  Scenario scenario_;
};

}  // namespace

Result<Scenario> parse(const std::string& text) {
  Parser parser;
  std::istringstream lines(text);
  std::string line;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    std::istringstream in(line.substr(0, line.find('#')));
    Words words;
    for (std::string word; in >> word;) words.push_back(word);
    if (words.empty()) continue;
    try {
      parser.line(words, number, line);
    } catch (const Bad& why) {
      return fail(ErrorCode::kInvalidArgument, fmt::format("line {}: {}", number, why.message));
    }
  }
  Scenario scenario = parser.finish();
  if (scenario.expectations.empty()) {
    return fail(ErrorCode::kInvalidArgument, "a scenario that expects nothing cannot fail");
  }
  return scenario;
}

}  // namespace npu::scenario
