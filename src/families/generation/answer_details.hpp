// What a generation tells besides its text.
//
//   text             the answer
//   stop_reason      stop: the model ended, or a stop string did; length: no more tokens were
//                    allowed, or the context is full
//   stop_string      the one that ended it, else absent
//   prompt_tokens    pictures included, and what the context held
//   cached_tokens    of them, those that the context held; absent if none
//   tokens           of the answer, as the device made them
//   first_token_ms   from the begin on the device to the first piece of text; absent without one
//   generation_ms    from there to the end
//   total_ms         both
//   context          the number of the conversation, where it is kept
//   ignored          fields of the request that have no effect on this device; absent if none
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "base/clock.hpp"
#include "device/device.hpp"

namespace npu::families {

struct AnswerDetails {
  std::string text;
  device::Generation generation;
  std::optional<std::string> stop_string;
  int cached_tokens = 0;
  std::optional<std::uint64_t> context;
  std::optional<Duration> first_token;
  Duration total{};
  std::vector<std::string> ignored;
};

boost::json::object to_json(const AnswerDetails& details);

}  // namespace npu::families
