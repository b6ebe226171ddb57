// Reads the answer of a running generation to its end, whatever happens meanwhile.
//
// HailoRT pulls tokens on a thread of its own and queues them, so a generation goes on while nobody
// reads, and has to be read to its end before anything else is done with the model. An abort takes
// effect after the current step: one token, or the whole prefill. What was generated until then,
// and the recovery sequence, is still delivered.
#pragma once

#include <string>

#include <npu/result.hpp>

#include "base/clock.hpp"
#include "device/device.hpp"
#include "device/hailort/generation/text_session.hpp"

namespace npu::device::hailort {

struct Patience {
  // One wait for a token; then the device is asked whether it is there.
  Millis read = std::chrono::seconds(10);
  // Until the first token. A chunk of a prompt may take 15 s on a busy chip, and then fails there.
  Duration prefill = std::chrono::seconds(180);
  Duration step = std::chrono::seconds(30);  // between tokens
  // For the listener. The queue holds 1024 tokens; once it has been full for two minutes a token
  // is dropped and its step repeated, without a word. Shorter answers cannot fill it.
  Duration listener = std::chrono::seconds(100);
  int queue = 1000;
};

struct Answer {
  StopReason stop = StopReason::kEndOfText;
  int tokens = 0;      // of the answer
  int delivered = 0;   // these, and those of the recovery sequence
  std::string untold;  // text that was not passed on
  std::string tail;  // text of the tokens which are not in the cache: the last one and the recovery
};

// longest: tokens asked for. kDeviceLost when the device is gone or says nothing for too long; any
// other error means that the generation is broken and the context with it, the device perhaps not.
Result<Answer> read_answer(TextSession& session, int longest, const OnText& on_text,
                           RunContext& context, const Clock& clock, const Patience& patience);

}  // namespace npu::device::hailort
