// A scheduling scenario as text, parsed. The grammar is in README.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <npu/result.hpp>

#include "broker/broker.hpp"

namespace npu::scenario {

struct DeviceSpec {
  bool one_chip = true;  // lanes take turns, one token or one frame at a time
  Duration start = std::chrono::milliseconds(100);  // of a worker
};

struct ModelSpec {
  broker::ModelSpec spec;
  Duration load = std::chrono::milliseconds(50);
  Duration piece = std::chrono::milliseconds(5);  // a frame, or a token
  std::uint64_t measured = 0;                     // what it really takes; 0: its bound
  bool resident = false;                          // before the scenario begins
  bool pinned = false;
};

struct Event {
  enum class Kind { kRequest, kCrash, kHang, kDisconnect, kCancel, kDrain, kNoStart, kStart };
  Kind kind = Kind::kRequest;
  Duration at{};
  std::string client;
  std::uint32_t user = 0;
  std::string model;  // kRequest, kHang
  Lane lane = Lane::kVision;
  broker::RequestKind request = broker::RequestKind::kInfer;
  broker::Priority priority = broker::Priority::kInteractive;
  std::optional<Duration> deadline;
  std::optional<Duration> keep_alive;
  std::optional<bool> pin;
  std::size_t tokens = 1;
  bool stream = false;
};

struct Expectation {
  std::string text;  // as written
  std::size_t line = 0;
  std::vector<std::string> subject;  // everything before the comparison
  std::string comparison;            // = != < <= > >=
  double value = 0;                  // durations in seconds
};

struct Scenario {
  DeviceSpec device;
  broker::Options options;
  std::map<std::string, ModelSpec> models;
  std::vector<std::string> resident;  // in the order of the text
  std::vector<Event> events;          // by time
  std::vector<Expectation> expectations;
};

// Fails with kInvalidArgument and "line <n>: ..." for whatever the grammar does not have.
Result<Scenario> parse(const std::string& text);

}  // namespace npu::scenario
