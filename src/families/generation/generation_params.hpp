// How an answer is to be generated: the fields of input_data that every generative family takes.
//
//   temperature            at least 0, which is greedy; over 100 counts as 100
//   top_p, min_p           at least 0; over 1 counts as 1
//   top_k                  a whole number; 0 and less: no limit
//   repetition_penalty     at least 0, which is none; over 100 counts as 100
//   presence_penalty, frequency_penalty   a number; beyond -100..100 the nearer end counts
//   seed                   a whole number, of which the low 32 bits count; -1: a random one
//   max_generated_tokens   at least 0, which is an empty answer; at most what the context has room
//                          for
//   stop                   a text or a list of texts: the answer ends before the first of them
//   logprobs               whether, or for how many tokens; no device has them yet
//   details                true: the result is an object that tells more than the text
//   context, keep_context  conversations.hpp
//
// Absent or null: as the model's file says. What a device has no means for is ignored, and said
// in the details.
#pragma once

#include <string>
#include <vector>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "device/device.hpp"

namespace npu::families {

struct GenerationParams {
  device::Sampling sampling;  // max_tokens may be 0
  std::vector<std::string> stops;
  bool details = false;  // keep_context asks for them too
  bool keep_context = false;
  std::optional<std::uint64_t> context;
  std::vector<std::string> ignored;  // names of fields that have no effect on this device
};

// kInvalidArgument names the field and what it must be.
Result<GenerationParams> parse_generation(const boost::json::object& fields,
                                          const device::TextModel& model);

}  // namespace npu::families
